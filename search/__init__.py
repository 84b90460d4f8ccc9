"""Finding cases and people among those the viewer may see."""
