"""Print every trade plan as it is proposed: python examples/subscribe_plans.py [NATS URL]."""

import asyncio
import json
import sys

import nats


async def main(url: str) -> None:
    connection = await nats.connect(url)
    plans = await connection.subscribe("plans.proposed.>")
    async for message in plans.messages:
        plan = json.loads(message.data)
        target_1, target_2 = (target["price"] for target in plan["targets"])
        market = "SIMULATED " if plan["simulated"] else ""
        print(
            f"{market}{plan['venue']} {plan['symbol']} {plan['direction']} "
            f"entry {plan['entry']['price']} stop {plan['stop']} "
            f"targets {target_1} {target_2} net reward/risk {plan['net_rr']:.2f}",
            flush=True,
        )


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else "nats://127.0.0.1:4222"))
