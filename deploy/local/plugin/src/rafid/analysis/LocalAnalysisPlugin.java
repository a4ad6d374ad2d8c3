package rafid.analysis;

import java.util.HashMap;
import java.util.Map;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.ar.ArabicAnalyzer;
import org.elasticsearch.index.analysis.AbstractIndexAnalyzerProvider;
import org.elasticsearch.index.analysis.AnalyzerProvider;
import org.elasticsearch.index.analysis.CharFilterFactory;
import org.elasticsearch.index.analysis.TokenFilterFactory;
import org.elasticsearch.index.analysis.TokenizerFactory;
import org.elasticsearch.indices.analysis.AnalysisModule.AnalysisProvider;
import org.elasticsearch.plugins.ActionPlugin;
import org.elasticsearch.plugins.AnalysisPlugin;
import org.elasticsearch.plugins.Plugin;

/**
 * Registers the analysis parts that the full distribution has and the bare server lacks, under the
 * product's own names and with its parameters, so that one index template loads on both.
 * Behaviour follows the product's modules analysis-common; what is not offered here is refused by name.
 */
public class LocalAnalysisPlugin extends Plugin implements AnalysisPlugin, ActionPlugin {

  @Override
  public Map<String, AnalysisProvider<CharFilterFactory>> getCharFilters() {
    return CharFilters.all();
  }

  @Override
  public Map<String, AnalysisProvider<TokenizerFactory>> getTokenizers() {
    return Tokenizers.all();
  }

  @Override
  public Map<String, AnalysisProvider<TokenFilterFactory>> getTokenFilters() {
    return TokenFilters.all();
  }

  @Override
  public Map<String, AnalysisProvider<AnalyzerProvider<? extends Analyzer>>> getAnalyzers() {
    Map<String, AnalysisProvider<AnalyzerProvider<? extends Analyzer>>> analyzers = new HashMap<>();
    analyzers.put("arabic", (index, environment, name, settings) -> new ArabicProvider(name));
    return analyzers;
  }

  @Override
  public java.util.Collection<org.elasticsearch.rest.RestHandler> getRestHandlers(
      org.elasticsearch.common.settings.Settings settings,
      org.elasticsearch.common.io.stream.NamedWriteableRegistry writeables,
      org.elasticsearch.rest.RestController controller,
      org.elasticsearch.common.settings.ClusterSettings clusterSettings,
      org.elasticsearch.common.settings.IndexScopedSettings indexSettings,
      org.elasticsearch.common.settings.SettingsFilter filter,
      org.elasticsearch.cluster.metadata.IndexNameExpressionResolver resolver,
      java.util.function.Supplier<org.elasticsearch.cluster.node.DiscoveryNodes> nodes,
      java.util.function.Predicate<org.elasticsearch.features.NodeFeature> features) {
    return java.util.List.of(new RootHandler(settings));
  }

  private static final class ArabicProvider extends AbstractIndexAnalyzerProvider<ArabicAnalyzer> {
    private final ArabicAnalyzer analyzer = new ArabicAnalyzer();

    ArabicProvider(String name) {
      super(name);
    }

    @Override
    public ArabicAnalyzer get() {
      return analyzer;
    }
  }
}
