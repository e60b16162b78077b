"""Ids: a slave that changes its id, one that has ours, and a fourth one. The others go on."""

from common.household import unit
from common.weather import all_charge, household, kept_rules, no_errors, said, sentences

house = household([unit("1111"), unit("2222")])
world = house.world
nomad, calm = house.units
all_charge(house)
world.run_for(20)
kept_rules(house)

# Another id: linked under it, the old one is lost, and nothing is offered twice.
began_s = world.now_s
calm_from = len(house.referee.heartbeats_to("2222"))
nomad.change_id("5555")
world.wait_for(lambda: nomad.linked, 15, "the link")
world.run_for(100)
assert said(house, "5555", "linked", since_s=began_s), sentences(house, began_s)
assert said(house, "1111", "5555", since_s=began_s) or said(
    house, "1111", "id", since_s=began_s
), sentences(house, began_s)
assert house.heartbeat_gap_s(began_s, "2222") < 1.7
kept_rules(house)
all_charge(house, 90, 10)
world.run_for(15)
ids = [connector["id"] for connector in house.agree()["connectors"] if connector["link"] == "ok"]
assert sorted(ids) == ["2222", "5555"], ids

# One with our id: it is asked to choose another one, and gets no heartbeat until then.
own_id = house.referee.master_id
began_s = world.now_s
twin = unit(own_id)
world.connect(twin)
house.units.append(twin)
world.wait_for(lambda: twin.id != own_id, 30, "another id")
assert said(house, own_id, "same id", since_s=began_s), sentences(house, began_s)
world.wait_for(lambda: twin.linked, 30, "the link")
all_charge(house, 120, 6)
world.run_for(40)
kept_rules(house)
closes = [box.relay_closes for box in house.units]

# A fourth one is refused; the three that work keep working.
began_s = world.now_s
fourth = unit("4444")
world.connect(fourth)
world.run_for(60)
assert not fourth.linked and house.referee.heartbeats_to("4444") == []
assert said(house, "4444", "refused", since_s=began_s), sentences(house, began_s)
for box in house.units:
    assert house.heartbeat_gap_s(began_s, box.id) < 1.2, box.id
assert [box.relay_closes for box in house.units] == closes
kept_rules(house)
no_errors(house)
house.finish()
