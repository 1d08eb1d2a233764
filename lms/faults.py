"""What whoever runs the service can mend: the base of every fault the command line explains."""


class Fault(Exception):
    """It cannot be done; the text is one sentence that says why and what to do."""
