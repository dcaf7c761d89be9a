"""How the sandbox says no: an envelope code and a message (CONTRACT 2.4 and 9.8)."""

SUCCESS = 200
BUSINESS = 500
WRONG_SIGNATURE = 610
REPEATED_NONCE = 611
UNKNOWN_ACCESS_KEY = 621
WRONG_USER = 622
WRONG_TIMESTAMP = 623
WRONG_NONCE = 624
WRONG_PARAMETER = 630


class Refusal(Exception):
    """Ends a request with HTTP 200, this code and message in the envelope, and no data."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def wrong_parameter(field: str) -> Refusal:
    """The refusal that names the field at fault by its path, such as cargoParamList[0].quantity."""
    return Refusal(WRONG_PARAMETER, f"参数错误:{field}")


def cannot_be_done(message: str) -> Refusal:
    """The refusal of the trade itself; the message is 1688's code and text, or its bare phrase."""
    return Refusal(BUSINESS, message)
