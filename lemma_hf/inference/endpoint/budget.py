"""Budget of a run: what is paid, and what the calls in flight may still cost."""

from dataclasses import dataclass


@dataclass(slots=True)
class Budget:
    """The budget in USD: its limit, what is paid, and what the calls in flight may still cost."""

    limit: float
    paid: float
    reserved: float = 0.0
    open: int = 0
    """Calls in flight."""
    excess: float = 1.0
    """How many times its reserve a call has cost at most: some endpoints write on beyond `max_tokens`, and bill it."""

    def reserve(self, usd: float) -> bool:
        """Reserve a sum for a call; False where it does not fit."""
        if self.paid + (self.reserved + usd) * self.excess > self.limit:
            return False
        self.reserved += usd
        self.open += 1
        return True

    def settle(self, reserved: float, usd: float) -> None:
        """Replace the reserved sum of a finished call by its price."""
        if reserved:
            self.excess = max(self.excess, usd / reserved)
        self.open -= reserved > 0
        self.reserved = self.reserved - reserved if self.open else 0.0
        self.paid += usd
