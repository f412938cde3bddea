"""A strict local stand-in for the services, for tests and for demonstrations."""

from .faults import Fault
from .simulator import Simulator

__all__ = ["Fault", "Simulator"]
