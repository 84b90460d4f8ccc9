"""The stream of one child's case: posts, comments, follows."""
