from functools import partial
from threading import Thread

from app.core.turns import Turns
from tests.realtime.house import eventually


def test_a_turn_goes_to_whoever_has_waited_longest() -> None:
    turns, went = Turns(), list[int]()
    assert turns.take(0)

    def go(number: int) -> None:
        assert turns.take(10)
        went.append(number)
        turns.give()

    threads = [Thread(target=go, args=(number,)) for number in range(5)]
    for many, thread in enumerate(threads, 1):
        thread.start()
        eventually(partial(_wait, turns, many))
    turns.give()
    for thread in threads:
        thread.join()

    assert went == [0, 1, 2, 3, 4]


def test_who_loses_patience_is_in_nobodys_way() -> None:
    turns = Turns()
    assert turns.take(0)
    assert not turns.take(0.01)

    turns.give()

    assert turns.take(0)


def _wait(turns: Turns, many: int) -> bool:
    return len(turns.waiting) == many
