from tests.slack.conftest import World, buttons
async def test_probe(world: World) -> None:
    for t in ["list colour:red","list late:yes colour:red","list status:nowhere","list limit:0","show","show a b","show ../users","show 99","subscribe","subscribe aproved","subscribe late colour:red","subscribe late limit:5000","subscriptions here","status now","help","list","show 1","status","subscriptions","unsubscribe","subscribe late","subscribe late","unsubscribe late", "xyzzy 12"]:
        m = await world.say(t)
        print("#####", t); print(m.text); print(buttons(m))
