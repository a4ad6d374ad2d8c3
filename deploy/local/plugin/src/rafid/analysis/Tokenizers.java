package rafid.analysis;

import java.util.HashMap;
import java.util.Map;
import org.apache.lucene.analysis.core.WhitespaceTokenizer;
import org.apache.lucene.analysis.email.UAX29URLEmailTokenizer;
import org.elasticsearch.index.analysis.TokenizerFactory;
import org.elasticsearch.indices.analysis.AnalysisModule.AnalysisProvider;

/** The tokenizers {@code whitespace} and {@code uax_url_email}, which security's own index asks for. */
final class Tokenizers {

  private Tokenizers() {}

  static Map<String, AnalysisProvider<TokenizerFactory>> all() {
    Map<String, AnalysisProvider<TokenizerFactory>> tokenizers = new HashMap<>();
    tokenizers.put(
        "whitespace",
        (index, environment, name, settings) -> TokenizerFactory.newFactory(name, WhitespaceTokenizer::new));
    tokenizers.put(
        "uax_url_email",
        (index, environment, name, settings) -> TokenizerFactory.newFactory(name, UAX29URLEmailTokenizer::new));
    return tokenizers;
  }
}
