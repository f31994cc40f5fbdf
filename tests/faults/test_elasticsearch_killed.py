from __future__ import annotations

import pytest

from elasticsearch_server import OwnElasticsearch
from rounds import Stage, expect_all_counted_once

pytestmark = pytest.mark.faults


def test_a_killed_elasticsearch_is_waited_for(stage: Stage, own_elasticsearch: OwnElasticsearch) -> None:
    stage.worker()
    stage.flow()
    stage.wait_for_moment()
    own_elasticsearch.kill()
    stage.pause(0, 5)
    own_elasticsearch.start()
    seconds = stage.recovery()
    expect_all_counted_once("kill -9 of Elasticsearch", stage, seconds)


def test_a_stalled_elasticsearch_is_waited_for(stage: Stage, own_elasticsearch: OwnElasticsearch) -> None:
    stage.worker()
    stage.flow()
    stage.wait_for_moment()
    own_elasticsearch.freeze()
    stage.pause(2, 12)
    own_elasticsearch.thaw()
    seconds = stage.recovery()
    expect_all_counted_once("Elasticsearch stands still", stage, seconds)
