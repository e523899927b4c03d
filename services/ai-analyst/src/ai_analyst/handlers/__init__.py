"""What happens when someone asks, when a scan ends, when a plan ends."""
