#include "cli/config_file.hpp"

#include <toml++/toml.h>
#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <sstream>

#include "cli/resources.hpp"
#include "cli/suggest.hpp"
#include "records/raw_dataset.hpp"
#include "records/time.hpp"

namespace persona4rec {
namespace {

using Section = toml::table;

std::string unknown_key(const std::string& name, const std::string& section, const std::vector<std::string>& known) {
  return "unknown key \"" + name + "\" in [" + section + "]" + did_you_mean(name, known);
}

class ConfigParser {
 public:
  explicit ConfigParser(const std::filesystem::path& path) { file_.path = path; }

  ConfigFile parse(std::string_view text) {
    const toml::table root = parse_toml(text);
    for (const auto& [key, node] : root) {
      const std::string name(key.str());
      if (const auto* table = node.as_table()) {
        read_section(name, *table, place(key));
      } else {
        read_value("", name, node, place(key));
      }
    }
    const auto by_line = [](const ConfigValue& a, const ConfigValue& b) { return a.place.line < b.place.line; };
    std::sort(file_.values.begin(), file_.values.end(), by_line);
    return std::move(file_);
  }

 private:
  toml::table parse_toml(std::string_view text) const {
    try {
      return toml::parse(text, file_.path.string());
    } catch (const toml::parse_error& error) {
      throw Error(ErrorKind::kUsage, place_of(error.source()), std::string(error.description()));
    }
  }

  void read_section(const std::string& name, const Section& table, const Place& at) {
    if (name == "schema") return read_schemas(table);
    if (name == "prompts") return read_prompts(table);
    file_.sections.emplace_back(name, at);
    for (const auto& [key, node] : table) read_value(name, std::string(key.str()), node, place(key));
  }

  void read_schemas(const Section& schemas) {
    check_keys(schemas, "schema", {"review", "item"});
    for (const auto& [key, node] : schemas) {
      const std::string name = "schema." + std::string(key.str());
      if (!node.is_table()) fail(place(key), "[" + name + "] must be a table");
      if (key.str() == "review") {
        file_.review = review_schema(*node.as_table(), place(key));
      } else {
        file_.item = item_schema(*node.as_table(), place(key));
      }
    }
  }

  ReviewSchema review_schema(const Section& table, const Place& at) const {
    const char* name = "schema.review";
    check_keys(table, name, {"item", "user", "rating", "timestamp", "timestamp-unit", "title", "text", "id"});
    return {.item = need_text(table, name, "item", at),
            .user = need_text(table, name, "user", at),
            .rating = text(table, "rating"),
            .timestamp = text(table, "timestamp"),
            .title = text(table, "title"),
            .text = need_text(table, name, "text", at),
            .id = text(table, "id"),
            .time = time_format(table, at)};
  }

  TimeFormat time_format(const Section& table, const Place& at) const {
    if (text(table, "timestamp").empty()) {
      if (const auto* unit = table.get("timestamp-unit"); unit != nullptr)
        fail(place_of(unit->source()), "timestamp-unit: [schema.review] names no timestamp that it could be of");
      return {.unit = TimeUnit::kNone, .format = {}};
    }
    const std::string unit = need_text(table, "schema.review", "timestamp-unit", at);
    if (unit == "ms") return {.unit = TimeUnit::kMilliseconds};
    if (unit == "s") return {.unit = TimeUnit::kSeconds};
    const Place unit_at = place_of(table.get("timestamp-unit")->source());
    if (unit.find('%') != std::string::npos) {
      if (const auto problem = time_format_problem(unit); !problem.empty()) fail(unit_at, "timestamp-unit: " + problem);
      return {.unit = TimeUnit::kFormat, .format = unit};
    }
    fail(unit_at,
         R"(timestamp-unit: expected "ms", "s" or a date format like "%Y-%m-%d %H:%M:%S", got ")" + unit + '"');
  }

  ItemSchema item_schema(const Section& table, const Place& at) const {
    const char* name = "schema.item";
    check_keys(table, name, {"item", "title", "description", "attributes"});
    ItemSchema schema{.item = need_text(table, name, "item", at),
                      .title = text(table, "title"),
                      .description = texts(table, "description"),
                      .attributes = text(table, "attributes")};
    try {
      check_schema(schema);
    } catch (const Error& error) {
      fail(at, error.what());
    }
    return schema;
  }

  void read_prompts(const Section& table) {
    check_keys(table, "prompts", {"folder"});
    std::string folder = text(table, "folder");
    if (!folder.empty()) folder = in_home(folder, place_of(table.get("folder")->source()));
    if (!folder.empty()) file_.prompts = prompt_folder(file_.beside(folder, false));
  }

  // A config that was copied from one that comes with the program still finds the prompts that came with it.
  static std::filesystem::path prompt_folder(const std::filesystem::path& named) {
    std::error_code ignored;
    if (std::filesystem::exists(named, ignored)) return named;
    const auto shipped = find_resource(std::filesystem::path("prompts") / named.filename());
    return shipped.empty() ? named : shipped;
  }

  void read_value(const std::string& section, const std::string& key, const toml::node& node, const Place& at) {
    ConfigValue value{.section = section, .key = key, .values = {}, .place = at};
    if (const auto* array = node.as_array()) {
      for (const auto& element : *array) value.values.push_back(scalar(element, key, at));
    } else {
      value.values.push_back(scalar(node, key, at));
    }
    file_.values.push_back(std::move(value));
  }

  std::string scalar(const toml::node& node, const std::string& key, const Place& at) const {
    if (const auto* value = node.as_string()) return value->get();
    if (const auto* value = node.as_boolean()) return value->get() ? "true" : "false";
    if (const auto* value = node.as_integer()) return std::to_string(value->get());
    if (const auto* value = node.as_floating_point()) return shortest(value->get());
    std::ostringstream text;
    if (const auto* value = node.as_date()) text << value->get();
    if (const auto* value = node.as_date_time()) text << value->get();
    if (text.str().empty()) fail(at, key + ": expected a text, a number, true, false, a date or a list of these");
    return text.str();
  }

  // The shortest text that reads back as the same number.
  static std::string shortest(double value) {
    char buffer[32];
    return {buffer, std::to_chars(buffer, buffer + sizeof(buffer), value).ptr};
  }

  std::string text(const Section& table, std::string_view key) const {
    const toml::node* node = table.get(key);
    if (node == nullptr) return {};
    if (const auto* value = node->as_string()) return value->get();
    fail(place_of(node->source()), std::string(key) + ": expected a text");
  }

  std::string need_text(const Section& table, const std::string& name, std::string_view key, const Place& at) const {
    std::string value = text(table, key);
    if (value.empty()) fail(at, "[" + name + "] needs " + std::string(key));
    return value;
  }

  std::vector<std::string> texts(const Section& table, std::string_view key) const {
    const toml::node* node = table.get(key);
    if (node == nullptr || node->is_string()) {
      const std::string one = text(table, key);
      return one.empty() ? std::vector<std::string>{} : std::vector{one};
    }
    std::vector<std::string> all;
    const Place at = place_of(node->source());
    if (!node->is_array()) fail(at, std::string(key) + ": expected a list of texts");
    for (const auto& element : *node->as_array()) {
      if (!element.is_string()) fail(at, std::string(key) + ": expected a list of texts");
      all.push_back(element.as_string()->get());
    }
    return all;
  }

  void check_keys(const Section& table, const std::string& section, const std::vector<std::string>& known) const {
    for (const auto& [key, node] : table) {
      const std::string name(key.str());
      if (std::find(known.begin(), known.end(), name) != known.end()) continue;
      fail(place(key), unknown_key(name, section, known));
    }
  }

  [[nodiscard]] Place place_of(const toml::source_region& source) const {
    return {.file = file_.path.string(), .line = source.begin.line};
  }
  [[nodiscard]] Place place(const toml::key& key) const { return place_of(key.source()); }
  [[noreturn]] static void fail(const Place& at, const std::string& message) {
    throw Error(ErrorKind::kUsage, at, message);
  }

  ConfigFile file_;
};

}  // namespace

std::string in_home(const std::string& path, const Place& place) {
  if (path != "~" && !path.starts_with("~/")) return path;
  const char* home = std::getenv("HOME");
  if (home == nullptr || *home == '\0') throw Error(ErrorKind::kUsage, place, "~/: $HOME is not set");
  return home + path.substr(1);
}

std::string ConfigFile::beside(const std::string& given, bool may_be_name) const {
  if (given.empty() || given == "-") return given;
  const auto whole = (std::filesystem::absolute(path).parent_path() / given).lexically_normal();
  std::error_code ignored;
  return may_be_name && !std::filesystem::exists(whole, ignored) ? given : whole.string();
}

ConfigFile parse_config(std::string_view text, const std::filesystem::path& path) {
  if (const auto ending = path.extension(); ending == ".yaml" || ending == ".yml") {
    throw Error(ErrorKind::kUsage, Place{.file = path.string()},
                "is YAML, as the published code's configs are; configs are TOML here: configs/amazon.toml, "
                "configs/yelp.toml (docs/from-the-published-code.md says what became of each key)");
  }
  return ConfigParser(path).parse(text);
}

}  // namespace persona4rec
