"""The services the simulator can play, one persona each."""
