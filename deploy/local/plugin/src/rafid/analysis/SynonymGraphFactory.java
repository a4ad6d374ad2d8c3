package rafid.analysis;

import java.io.IOException;
import java.io.StringReader;
import java.text.ParseException;
import java.util.List;
import java.util.function.Function;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.synonym.SolrSynonymParser;
import org.apache.lucene.analysis.synonym.SynonymGraphFilter;
import org.apache.lucene.analysis.synonym.SynonymMap;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.index.IndexService.IndexCreationContext;
import org.elasticsearch.index.analysis.AbstractTokenFilterFactory;
import org.elasticsearch.index.analysis.CharFilterFactory;
import org.elasticsearch.index.analysis.CustomAnalyzer;
import org.elasticsearch.index.analysis.TokenFilterFactory;
import org.elasticsearch.index.analysis.TokenizerFactory;

/** {@code synonym_graph}: its rules run through the tokenizer and filters that stand before it, as in the product. */
final class SynonymGraphFactory extends AbstractTokenFilterFactory {
  private final List<String> rules;
  private final boolean expand;

  SynonymGraphFactory(String name, Settings settings) {
    super(name);
    rules = Required.list(settings, "synonyms");
    expand = settings.getAsBoolean("expand", true);
  }

  @Override
  public TokenStream create(TokenStream tokens) {
    throw new IllegalStateException("a synonym filter is made by its chain");
  }

  @Override
  public TokenFilterFactory getChainAwareTokenFilterFactory(
      IndexCreationContext context,
      TokenizerFactory tokenizer,
      List<CharFilterFactory> charFilters,
      List<TokenFilterFactory> before,
      Function<String, TokenFilterFactory> all) {
    Analyzer chain =
        new CustomAnalyzer(
            tokenizer,
            charFilters.toArray(new CharFilterFactory[0]),
            before.stream().map(TokenFilterFactory::getSynonymFilter).toArray(TokenFilterFactory[]::new));
    SynonymMap map = synonyms(chain);
    return TokenFilters.factory(
        name(), tokens -> map.fst == null ? tokens : new SynonymGraphFilter(tokens, map, false), false);
  }

  private SynonymMap synonyms(Analyzer chain) {
    try {
      SolrSynonymParser parser = new SolrSynonymParser(true, expand, chain);
      parser.parse(new StringReader(String.join("\n", rules)));
      return parser.build();
    } catch (IOException | ParseException e) {
      throw new IllegalArgumentException("failed to build synonyms", e);
    }
  }
}
