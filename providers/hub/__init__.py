"""The parts of the Sentinel Hub provider."""
