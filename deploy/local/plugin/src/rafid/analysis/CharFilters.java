package rafid.analysis;

import java.io.Reader;
import java.util.HashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.apache.lucene.analysis.charfilter.MappingCharFilter;
import org.apache.lucene.analysis.charfilter.NormalizeCharMap;
import org.apache.lucene.analysis.pattern.PatternReplaceCharFilter;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.index.analysis.AbstractCharFilterFactory;
import org.elasticsearch.index.analysis.CharFilterFactory;
import org.elasticsearch.index.analysis.NormalizingCharFilterFactory;
import org.elasticsearch.indices.analysis.AnalysisModule.AnalysisProvider;
import org.elasticsearch.plugins.AnalysisPlugin;

/** The char filters {@code mapping} and {@code pattern_replace}. */
final class CharFilters {

  private CharFilters() {}

  static Map<String, AnalysisProvider<CharFilterFactory>> all() {
    Map<String, AnalysisProvider<CharFilterFactory>> filters = new HashMap<>();
    filters.put(
        "mapping",
        AnalysisPlugin.requiresAnalysisSettings(
            (index, environment, name, settings) -> {
              NormalizeCharMap map = charMap(settings);
              return new Factory(name, reader -> new MappingCharFilter(map, reader));
            }));
    filters.put(
        "pattern_replace",
        AnalysisPlugin.requiresAnalysisSettings(
            (index, environment, name, settings) -> {
              Pattern pattern = Pattern.compile(Required.text(settings, "pattern"));
              String replacement = settings.get("replacement", "");
              return new Factory(name, reader -> new PatternReplaceCharFilter(pattern, replacement, reader));
            }));
    return filters;
  }

  private static NormalizeCharMap charMap(Settings settings) {
    NormalizeCharMap.Builder builder = new NormalizeCharMap.Builder();
    for (String rule : Required.list(settings, "mappings")) {
      int arrow = rule.lastIndexOf("=>");
      if (arrow < 0) {
        throw new IllegalArgumentException("Invalid Mapping Rule : [" + rule + "]");
      }
      builder.add(unescape(rule.substring(0, arrow).trim()), unescape(rule.substring(arrow + 2).trim()));
    }
    return builder.build();
  }

  /** The product's escapes: a backslash before u and four hex digits, before one of n t r b f, or before itself. */
  private static String unescape(String text) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c != '\\') {
        out.append(c);
        continue;
      }
      if (++i >= text.length()) {
        throw new IllegalArgumentException("Invalid escaped char in [" + text + "]");
      }
      c = text.charAt(i);
      switch (c) {
        case '\\' -> out.append('\\');
        case 'n' -> out.append('\n');
        case 't' -> out.append('\t');
        case 'r' -> out.append('\r');
        case 'b' -> out.append('\b');
        case 'f' -> out.append('\f');
        case 'u' -> {
          if (i + 4 >= text.length()) {
            throw new IllegalArgumentException("Invalid escaped char in [" + text + "]");
          }
          out.append((char) Integer.parseInt(text.substring(i + 1, i + 5), 16));
          i += 4;
        }
        default -> out.append(c);
      }
    }
    return out.toString();
  }

  private static final class Factory extends AbstractCharFilterFactory implements NormalizingCharFilterFactory {
    private final UnaryOperator<Reader> filter;

    Factory(String name, UnaryOperator<Reader> filter) {
      super(name);
      this.filter = filter;
    }

    @Override
    public Reader create(Reader reader) {
      return filter.apply(reader);
    }
  }
}
