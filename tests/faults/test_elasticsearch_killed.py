from __future__ import annotations

import time

import pytest

from elasticsearch_server import OwnElasticsearch
from rounds import Stage, record

pytestmark = pytest.mark.faults


def test_a_killed_elasticsearch_is_waited_for(stage: Stage, own_elasticsearch: OwnElasticsearch) -> None:
    stage.worker()
    stage.flow()
    stage.wait_for_moment()
    own_elasticsearch.kill()
    time.sleep(stage.rng.uniform(0, 5))
    own_elasticsearch.start()
    seconds = stage.recovery()
    record("kill -9 of Elasticsearch", stage, stage.settle(), seconds)


def test_a_stalled_elasticsearch_is_waited_for(stage: Stage, own_elasticsearch: OwnElasticsearch) -> None:
    stage.worker()
    stage.flow()
    stage.wait_for_moment()
    own_elasticsearch.freeze()
    time.sleep(stage.rng.uniform(2, 12))
    own_elasticsearch.thaw()
    seconds = stage.recovery()
    record("Elasticsearch stands still", stage, stage.settle(), seconds)
