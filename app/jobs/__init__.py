"""What happens by itself: deliveries, and forgetting old drafts."""
