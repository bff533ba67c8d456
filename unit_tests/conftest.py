"""Settings of the unit tests."""

from hypothesis import settings
from tracing import untraced

__all__ = ["untraced"]

# How fast a machine is does not decide whether a test holds. The parent is Hypothesis' own choice, repeatable in CI.
settings.register_profile("without-a-deadline", parent=settings(), deadline=None)
settings.load_profile("without-a-deadline")
