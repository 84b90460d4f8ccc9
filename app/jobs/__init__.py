"""What happens by itself: deliveries, mail, and what is done now and then."""
