"""The root of the errors that a person can act on.

RafidError                   one line that says what is wrong and what to do; the command prints it and exits with 1
  records.MalformedRecord    (a ValueError of its own, because records imports nothing) is bad data, not a failure
"""


class RafidError(Exception):
    """Something that the user can mend; the message says what and how, in one line."""


def said(error: BaseException) -> str:
    """The class and the text of another library's error, on one line: kafka-python names the class in the text itself."""
    name, text = type(error).__name__, " ".join(str(error).split())
    return text if text.startswith(name) else f"{name}: {text}" if text else name
