"""From a configured stream, the configuration and the object's model to a `StreamPlan`."""
