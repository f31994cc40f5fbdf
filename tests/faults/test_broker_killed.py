from __future__ import annotations

import pytest

from kafka_server import OwnKafka
from rounds import Stage, expect_all_counted_once

pytestmark = pytest.mark.faults


def test_a_killed_broker_is_waited_for(stage: Stage, own_kafka: OwnKafka) -> None:
    stage.worker()
    stage.flow()
    stage.wait_for_moment()
    own_kafka.kill()
    stage.pause(0, 5)
    own_kafka.start()
    seconds = stage.recovery()
    expect_all_counted_once("kill -9 of the broker", stage, seconds)
