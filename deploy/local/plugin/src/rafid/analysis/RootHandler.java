package rafid.analysis;

import java.io.IOException;
import java.util.List;
import org.elasticsearch.Build;
import org.elasticsearch.client.internal.node.NodeClient;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.rest.RestChannel;
import org.elasticsearch.rest.RestHandler;
import org.elasticsearch.rest.RestRequest;
import org.elasticsearch.rest.RestResponse;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.xcontent.XContentBuilder;

/** Answers {@code GET /} as the product does, where clients read the server's version. */
final class RootHandler implements RestHandler {
  private final String node;
  private final String cluster;

  RootHandler(Settings settings) {
    node = settings.get("node.name", "");
    cluster = settings.get("cluster.name", "elasticsearch");
  }

  @Override
  public List<Route> routes() {
    return List.of(new Route(RestRequest.Method.GET, "/"), new Route(RestRequest.Method.HEAD, "/"));
  }

  @Override
  public void handleRequest(RestRequest request, RestChannel channel, NodeClient client) throws IOException {
    XContentBuilder body = channel.newBuilder();
    body.startObject().field("name", node).field("cluster_name", cluster);
    body.startObject("version")
        .field("number", Build.current().version())
        .field("build_flavor", Build.current().flavor())
        .field("lucene_version", org.apache.lucene.util.Version.LATEST.toString())
        .field("minimum_wire_compatibility_version", Build.current().minWireCompatVersion())
        .field("minimum_index_compatibility_version", Build.current().minIndexCompatVersion())
        .endObject();
    body.field("tagline", "You Know, for Search").endObject();
    channel.sendResponse(new RestResponse(RestStatus.OK, body));
  }
}
