package rafid.analysis;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.miscellaneous.WordDelimiterGraphFilter;
import org.apache.lucene.analysis.miscellaneous.WordDelimiterIterator;
import org.elasticsearch.common.settings.Settings;

/** {@code word_delimiter_graph} with its switches and {@code type_table}, under the product's names and defaults. */
final class WordDelimiters {
  /** The bits of Lucene's WordDelimiterIterator, which keeps their names to itself. */
  private static final Map<String, Byte> TYPES =
      Map.of(
          "LOWER", (byte) 1,
          "UPPER", (byte) 2,
          "ALPHA", (byte) 3,
          "DIGIT", (byte) 4,
          "ALPHANUM", (byte) 7,
          "SUBWORD_DELIM", (byte) 8);

  private WordDelimiters() {}

  static UnaryOperator<TokenStream> filter(Settings settings) {
    int flags =
        flag(settings, "generate_word_parts", true, WordDelimiterGraphFilter.GENERATE_WORD_PARTS)
            | flag(settings, "generate_number_parts", true, WordDelimiterGraphFilter.GENERATE_NUMBER_PARTS)
            | flag(settings, "catenate_words", false, WordDelimiterGraphFilter.CATENATE_WORDS)
            | flag(settings, "catenate_numbers", false, WordDelimiterGraphFilter.CATENATE_NUMBERS)
            | flag(settings, "catenate_all", false, WordDelimiterGraphFilter.CATENATE_ALL)
            | flag(settings, "preserve_original", false, WordDelimiterGraphFilter.PRESERVE_ORIGINAL)
            | flag(settings, "split_on_case_change", true, WordDelimiterGraphFilter.SPLIT_ON_CASE_CHANGE)
            | flag(settings, "split_on_numerics", true, WordDelimiterGraphFilter.SPLIT_ON_NUMERICS)
            | flag(settings, "stem_english_possessive", true, WordDelimiterGraphFilter.STEM_ENGLISH_POSSESSIVE)
            | flag(settings, "ignore_keywords", false, WordDelimiterGraphFilter.IGNORE_KEYWORDS);
    boolean offsets = settings.getAsBoolean("adjust_offsets", true);
    byte[] types = types(settings);
    return tokens -> new WordDelimiterGraphFilter(tokens, offsets, types, flags, null);
  }

  private static int flag(Settings settings, String name, boolean normally, int bit) {
    return settings.getAsBoolean(name, normally) ? bit : 0;
  }

  /** What each character is: Lucene's table, and the rules {@code character => TYPE} over it. */
  private static byte[] types(Settings settings) {
    TreeMap<Integer, Byte> rules = new TreeMap<>();
    for (String rule : settings.getAsList("type_table")) {
      String[] sides = rule.split("\\s*=>\\s*");
      String character = sides[0].startsWith("\\u") ? Character.toString(Integer.parseInt(sides[0].substring(2), 16)) : sides[0];
      Byte type = sides.length == 2 ? TYPES.get(sides[1].trim()) : null;
      if (type == null || character.length() != 1) {
        throw new IllegalArgumentException("Invalid Mapping Rule : [" + rule + "]. Only a single character is allowed.");
      }
      rules.put((int) character.charAt(0), type);
    }
    int known = WordDelimiterIterator.DEFAULT_WORD_DELIM_TABLE.length;
    byte[] types = new byte[rules.isEmpty() ? known : Math.max(rules.lastKey() + 1, known)];
    for (int character = 0; character < types.length; character++) {
      types[character] = WordDelimiterIterator.getType(character);
    }
    rules.forEach((character, type) -> types[character] = type);
    return types;
  }
}
