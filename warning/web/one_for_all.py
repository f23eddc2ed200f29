"""When something changes, everybody who watches asks in the same moment: the answer is worked out once."""

from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

Answer = TypeVar("Answer")


class OneForAll(Generic[Answer]):
    """Questions of one key that come together are answered once, and nobody gets an answer begun before they asked.

    So of any number of askers at most two are worked out for: the one at work, and one for all who came meanwhile. Threads wait;
    what is answered must not be changed by who gets it.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._begun = 0
        self._last: dict[Hashable, tuple[int, Answer]] = {}  # of each key: the nth begun, and what it gave

    def __call__(self, key: Hashable, ask: Callable[[], Answer]) -> Answer:
        """Raises what `ask` raises, to the one who ran it; the next in line then asks for itself."""
        before = self._begun
        with self._lock:
            nth, answer = self._last.get(key, (0, None))
            if answer is not None and nth > before:
                return answer
            self._begun += 1
            nth = self._begun
            fresh = ask()
            self._last = (
                {key: (nth, fresh)} if len(self._last) > MOST_KEYS else {**self._last, key: (nth, fresh)}
            )
            return fresh


MOST_KEYS = 8
