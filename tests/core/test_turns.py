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
    for already, thread in enumerate(threads):
        thread.start()
        eventually(lambda waiting=already + 1: len(turns.waiting) == waiting)
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
