"""Several threads share the nodes of a cluster, and one of them may lose a node while another looks for one."""

from __future__ import annotations

import threading

from elastic_transport import BaseNode, NodeConfig, NodePool, Urllib3HttpNode

from indexing.elastic.nodes import SharedNodePool


class Meddling(set[NodeConfig]):
    """A set of nodes that marks one of them dead, from another thread, whenever somebody looks into it."""

    def __init__(self, pool: NodePool, victim: BaseNode) -> None:
        super().__init__()
        self.pool, self.victim = pool, victim
        self.threads: list[threading.Thread] = []

    def __contains__(self, _: object) -> bool:
        self.threads.append(threading.Thread(target=self.pool.mark_dead, args=(self.victim,)))
        self.threads[-1].start()
        self.threads[-1].join(0.1)
        return False


def test_a_node_that_dies_while_one_is_chosen_does_no_harm() -> None:
    nodes = [NodeConfig("http", "127.0.0.1", port) for port in (1, 2, 3)]
    pool = SharedNodePool(nodes, node_class=Urllib3HttpNode)
    meddling = Meddling(pool, pool.all()[0])
    pool._removed_nodes = meddling

    chosen = pool.get()

    for thread in meddling.threads:
        thread.join()
    for node in pool.all():
        node.close()
    assert chosen in pool.all()
    assert meddling.victim.config not in pool._alive_nodes
