"""The two refusals every part of the platform may raise, worded for the person who reads them."""


class NotAllowed(Exception):
    """What was asked may not be done now. The text is shown to the person who pressed the button."""


class ConfigError(Exception):
    """The platform must not start like this. The text says where the fault is and how to mend it."""
