package rafid.analysis;

import java.util.List;
import org.elasticsearch.common.settings.Settings;

/** Parameters without which a part cannot be made; asking for one that is absent is the template's error. */
final class Required {

  private Required() {}

  static String text(Settings settings, String key) {
    String value = settings.get(key);
    if (value == null) {
      throw new IllegalArgumentException("[" + key + "] is missing");
    }
    return value;
  }

  /** The list under {@code key}; files ({@code key_path}) are the full product's alone. */
  static List<String> list(Settings settings, String key) {
    List<String> values = settings.getAsList(key, null);
    if (values == null) {
      throw new IllegalArgumentException("[" + key + "] is missing; a list from a file is not offered here");
    }
    return values;
  }
}
