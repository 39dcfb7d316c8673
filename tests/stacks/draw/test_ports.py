"""Where links meet boxes and wires."""

from stacks.draw.ports import End, Hop, Room, Side, meeting_points


def hop(number: int, one: str, two: str, channel: int = 0) -> Hop:
    return Hop(channel, number, End(one, right=True, number=number), End(two, right=False, number=number))


def sides(*boxes: tuple[str, float, float], **fixed: dict[int, float]) -> dict[tuple[str, bool], Side]:
    return {
        (key, right): Side(top, bottom, fixed.get(key, {}))
        for key, top, bottom in boxes
        for right in (True, False)
    }


def heights(found: dict[End, float]) -> dict[str, list[float]]:
    result: dict[str, list[float]] = {}
    for end, y in sorted(found.items(), key=lambda each: each[0].number):
        result.setdefault(end.key, []).append(y)
    return result


def test_a_link_between_boxes_that_are_beside_each_other_is_level():
    found = meeting_points([hop(0, "a", "b")], sides(("a", 0, 100), ("b", 40, 200)), {})
    assert len(set(found.values())) == 1


def test_links_of_a_side_are_in_the_order_of_where_they_go():
    boxes = sides(("a", 0, 100), ("up", 0, 40), ("down", 60, 100))
    found = heights(meeting_points([hop(0, "a", "down"), hop(1, "a", "up")], boxes, {}))
    assert found["a"][0] - found["a"][1] >= 11


def test_more_links_than_there_is_room_for_come_closer():
    boxes = sides(("a", 0, 40), ("b", 0, 400))
    found = heights(meeting_points([hop(number, "a", "b") for number in range(5)], boxes, {}))
    assert found["a"] == sorted(found["a"])
    assert (min(found["a"]), max(found["a"])) == (12, 28)


def test_a_link_from_a_line_of_text_leaves_at_that_line():
    found = meeting_points([hop(0, "a", "b")], sides(("a", 0, 100), ("b", 200, 300), a={0: 77.0}), {})
    assert heights(found)["a"] == [77]


def test_a_wire_is_level_with_what_it_comes_from_as_far_as_it_has_room():
    hops = [hop(0, "a", "wire/0/1"), hop(0, "wire/0/1", "b", channel=1)]
    boxes = sides(("a", 0, 30), ("b", 90, 120))
    near = meeting_points(hops, boxes, {"wire/0/1": Room(20, 10, 30)})
    assert heights(near) == {"a": [18], "wire/0/1": [18, 18], "b": [102]}
    far = meeting_points(hops, boxes, {"wire/0/1": Room(60, 55, 65)})
    assert heights(far)["wire/0/1"] == [60, 60]
