"""The moment, the clock and the consignee with which tests begin."""

from datetime import UTC, datetime, timedelta

NOW = datetime(2026, 5, 20, 7, 40, tzinfo=UTC)
ADDRESS = {
    "full_name": "欧阳测试",
    "mobile": "13912345678",
    "province": "浙江省",
    "city": "杭州市",
    "area": "滨江区",
    "street": "秘密路7号",
}


class Clock:
    """A clock that moves only when told to."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
