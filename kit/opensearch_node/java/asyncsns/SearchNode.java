package asyncsns;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.opensearch.analysis.common.CommonAnalysisPlugin;
import org.opensearch.bootstrap.BootstrapContext;
import org.opensearch.common.settings.Settings;
import org.opensearch.core.common.transport.BoundTransportAddress;
import org.opensearch.node.InternalSettingsPreparer;
import org.opensearch.node.Node;
import org.opensearch.plugins.Plugin;
import org.opensearch.transport.Netty4Plugin;

/** One real OpenSearch node on loopback, put together from published artifacts. Arguments: home folder, HTTP port. */
public final class SearchNode extends Node {
    private static final List<Class<? extends Plugin>> PLUGINS =
        List.of(Netty4Plugin.class, CommonAnalysisPlugin.class, JapaneseAnalysisPlugin.class);

    private SearchNode(Settings settings) {
        super(InternalSettingsPreparer.prepareEnvironment(settings, Map.of(), null, () -> "asyncsns-node"), PLUGINS, false);
    }

    public static void main(String[] arguments) throws Exception {
        Settings settings = Settings.builder()
            .put("cluster.name", "asyncsns-node")
            .put("node.name", "asyncsns-node")
            .put("path.home", Path.of(arguments[0]).toAbsolutePath().toString())
            .put("network.host", "127.0.0.1")
            .put("http.port", arguments[1])
            .put("transport.port", "0")
            .put("discovery.type", "single-node")
            .put("action.auto_create_index", "false")
            .put("cluster.routing.allocation.disk.threshold_enabled", "false")
            .build();
        SearchNode node = new SearchNode(settings);
        node.start();
        CountDownLatch stopped = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                node.close();
            } catch (Exception error) {
                error.printStackTrace();
            }
            stopped.countDown();
        }));
        System.out.println("started");
        stopped.await();
    }

    /** The checks for production hosts (file descriptors, memory maps) are of no use on a laptop's loopback. */
    @Override
    protected void validateNodeBeforeAcceptingRequests(
        BootstrapContext context, BoundTransportAddress address, List<org.opensearch.bootstrap.BootstrapCheck> checks
    ) {}
}
