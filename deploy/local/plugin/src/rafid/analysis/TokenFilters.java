package rafid.analysis;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.ar.ArabicNormalizationFilter;
import org.apache.lucene.analysis.ar.ArabicStemFilter;
import org.apache.lucene.analysis.core.DecimalDigitFilter;
import org.apache.lucene.analysis.miscellaneous.ASCIIFoldingFilter;
import org.apache.lucene.analysis.miscellaneous.RemoveDuplicatesTokenFilter;
import org.apache.lucene.analysis.miscellaneous.StemmerOverrideFilter;
import org.apache.lucene.analysis.miscellaneous.TrimFilter;
import org.apache.lucene.analysis.ngram.EdgeNGramTokenFilter;
import org.apache.lucene.analysis.ngram.NGramTokenFilter;
import org.apache.lucene.analysis.pattern.PatternCaptureGroupTokenFilter;
import org.apache.lucene.analysis.pattern.PatternReplaceFilter;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.index.analysis.AbstractTokenFilterFactory;
import org.elasticsearch.index.analysis.NormalizingTokenFilterFactory;
import org.elasticsearch.index.analysis.TokenFilterFactory;
import org.elasticsearch.indices.analysis.AnalysisModule.AnalysisProvider;
import org.elasticsearch.plugins.AnalysisPlugin;

/** The token filters; those that only change letters also serve keyword normalizers, as in the product. */
final class TokenFilters {

  private TokenFilters() {}

  static Map<String, AnalysisProvider<TokenFilterFactory>> all() {
    Map<String, AnalysisProvider<TokenFilterFactory>> filters = new HashMap<>();
    filters.put("arabic_normalization", plain(settings -> ArabicNormalizationFilter::new, true));
    filters.put("decimal_digit", plain(settings -> DecimalDigitFilter::new, true));
    filters.put("asciifolding", plain(settings -> asciiFolding(settings), true));
    filters.put("trim", plain(settings -> TrimFilter::new, true));
    filters.put("pattern_replace", configured(TokenFilters::patternReplace, true));
    filters.put("arabic_stem", plain(settings -> ArabicStemFilter::new, false));
    filters.put("stemmer", configured(TokenFilters::stemmer, false));
    filters.put("stemmer_override", configured(TokenFilters::stemmerOverride, false));
    filters.put("ngram", configured(TokenFilters::ngram, false));
    filters.put("edge_ngram", configured(TokenFilters::edgeNgram, false));
    filters.put("pattern_capture", configured(TokenFilters::patternCapture, false));
    filters.put("word_delimiter_graph", configured(WordDelimiters::filter, false));
    filters.put("unique", plain(TokenFilters::unique, false));
    filters.put("remove_duplicates", plain(settings -> RemoveDuplicatesTokenFilter::new, false));
    filters.put(
        "synonym_graph",
        AnalysisPlugin.requiresAnalysisSettings(
            (index, environment, name, settings) -> new SynonymGraphFactory(name, settings)));
    return filters;
  }

  private static UnaryOperator<TokenStream> asciiFolding(Settings settings) {
    boolean original = settings.getAsBoolean("preserve_original", false);
    return tokens -> new ASCIIFoldingFilter(tokens, original);
  }

  private static UnaryOperator<TokenStream> patternReplace(Settings settings) {
    Pattern pattern = Pattern.compile(Required.text(settings, "pattern"));
    String replacement = settings.get("replacement", "");
    boolean all = settings.getAsBoolean("all", true);
    return tokens -> new PatternReplaceFilter(tokens, pattern, replacement, all);
  }

  private static UnaryOperator<TokenStream> stemmer(Settings settings) {
    String language = settings.get("language", settings.get("name", "porter"));
    if (language.equals("arabic") == false) {
      throw new IllegalArgumentException("only the arabic stemmer is offered here, not [" + language + "]");
    }
    return ArabicStemFilter::new;
  }

  private static UnaryOperator<TokenStream> stemmerOverride(Settings settings) {
    StemmerOverrideFilter.Builder builder = new StemmerOverrideFilter.Builder(false);
    for (String rule : Required.list(settings, "rules")) {
      String[] sides = rule.split("=>");
      if (sides.length != 2) {
        throw new IllegalArgumentException("Invalid Keyword override Rule:" + rule);
      }
      for (String word : sides[0].split(",")) {
        builder.add(word.trim(), sides[1].trim());
      }
    }
    try {
      StemmerOverrideFilter.StemmerOverrideMap map = builder.build();
      return tokens -> new StemmerOverrideFilter(tokens, map);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static UnaryOperator<TokenStream> ngram(Settings settings) {
    int min = settings.getAsInt("min_gram", 1);
    int max = settings.getAsInt("max_gram", 2);
    boolean original = settings.getAsBoolean("preserve_original", false);
    return tokens -> new NGramTokenFilter(tokens, min, max, original);
  }

  private static UnaryOperator<TokenStream> edgeNgram(Settings settings) {
    int min = settings.getAsInt("min_gram", 1);
    int max = settings.getAsInt("max_gram", 2);
    boolean original = settings.getAsBoolean("preserve_original", false);
    return tokens -> new EdgeNGramTokenFilter(tokens, min, max, original);
  }

  private static UnaryOperator<TokenStream> patternCapture(Settings settings) {
    List<String> expressions = Required.list(settings, "patterns");
    Pattern[] patterns = expressions.stream().map(Pattern::compile).toArray(Pattern[]::new);
    boolean original = settings.getAsBoolean("preserve_original", true);
    return tokens -> new PatternCaptureGroupTokenFilter(tokens, original, patterns);
  }

  private static UnaryOperator<TokenStream> unique(Settings settings) {
    boolean samePositionOnly = settings.getAsBoolean("only_on_same_position", false);
    return samePositionOnly ? RemoveDuplicatesTokenFilter::new : UniqueTokenFilter::new;
  }

  /** How settings become a filter. */
  private interface Maker {
    UnaryOperator<TokenStream> from(Settings settings);
  }

  /** A filter that works without parameters. */
  private static AnalysisProvider<TokenFilterFactory> plain(Maker maker, boolean normalizing) {
    return (index, environment, name, settings) -> factory(name, maker.from(settings), normalizing);
  }

  /** A filter that means nothing without parameters, so it is not prebuilt. */
  private static AnalysisProvider<TokenFilterFactory> configured(Maker maker, boolean normalizing) {
    return AnalysisPlugin.requiresAnalysisSettings(plain(maker, normalizing));
  }

  static TokenFilterFactory factory(String name, UnaryOperator<TokenStream> filter, boolean normalizing) {
    return normalizing ? new Normalizing(name, filter) : new Plain(name, filter);
  }

  private static class Plain extends AbstractTokenFilterFactory {
    private final UnaryOperator<TokenStream> filter;

    Plain(String name, UnaryOperator<TokenStream> filter) {
      super(name);
      this.filter = filter;
    }

    @Override
    public TokenStream create(TokenStream tokens) {
      return filter.apply(tokens);
    }
  }

  private static final class Normalizing extends Plain implements NormalizingTokenFilterFactory {
    Normalizing(String name, UnaryOperator<TokenStream> filter) {
      super(name, filter);
    }
  }
}
