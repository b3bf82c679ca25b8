#include "base/text_template.hpp"

#include <algorithm>
#include <fstream>
#include <optional>
#include <sstream>
#include <utility>

#include "base/utf8.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {

struct TextTemplate::Node {
  enum class Kind : std::uint8_t { kText, kValue, kSection, kInverted } kind = Kind::kText;
  std::string text;  // the text itself, or the name
  std::vector<Node> children;
};

namespace {

using Node = TextTemplate::Node;

class Parser {
 public:
  Parser(std::string_view text, std::string source) : text_(text), source_(std::move(source)) {}

  std::vector<Node> parse(const std::string& section, std::set<std::string>& names) {
    std::vector<Node> nodes;
    while (at_ < text_.size()) {
      const auto open = text_.find("{{", at_);
      add_text(nodes, text_.substr(at_, open == std::string_view::npos ? open : open - at_));
      if (open == std::string_view::npos) break;
      const auto close = text_.find("}}", open);
      if (close == std::string_view::npos) fail(open, "a tag that is opened with {{ is not closed with }}");
      const auto tag = trim(text_.substr(open + 2, close - open - 2));
      if (tag.empty()) fail(open, "an empty tag");
      at_ = close + 2;
      if (tag.front() == '/') {
        if (trim(tag.substr(1)) != section)
          fail(open, "{{" + std::string(tag) + "}} closes no open section of that name");
        leave_line(nodes, open);
        return nodes;
      }
      nodes.push_back(tag_node(tag, open, nodes, names));
    }
    if (!section.empty()) fail(text_.size(), "the section {{#" + section + "}} is not closed");
    return nodes;
  }

 private:
  static constexpr std::size_t kMaxDepth = 64;  // no template needs more; a hostile one must not end the stack
  static constexpr std::string_view kBlanks = " \t\r\v\f";

  static bool is_blank(char c) { return kBlanks.find(c) != std::string_view::npos; }

  Node tag_node(std::string_view tag, std::size_t open, std::vector<Node>& before, std::set<std::string>& names) {
    const bool section = tag.front() == '#' || tag.front() == '^';
    const std::string name(section ? trim(tag.substr(1)) : tag);
    if (name != ".") names.insert(name);
    if (!section) return {.kind = Node::Kind::kValue, .text = name, .children = {}};
    if (++depth_ > kMaxDepth) fail(open, "sections are nested more than " + std::to_string(kMaxDepth) + " deep");
    leave_line(before, open);
    const auto kind = tag.front() == '#' ? Node::Kind::kSection : Node::Kind::kInverted;
    Node node{.kind = kind, .text = name, .children = parse(name, names)};
    --depth_;
    return node;
  }

  // A section tag alone on its line takes the line's white space and end with it. Looks no farther than that white
  // space: a line may hold any number of sections.
  void leave_line(std::vector<Node>& before, std::size_t open) {
    auto begin = open;
    while (begin > 0 && is_blank(text_[begin - 1])) --begin;
    if (begin > 0 && text_[begin - 1] != '\n') return;
    const auto end = std::min(text_.find_first_not_of(kBlanks, at_), text_.size());
    if (end < text_.size() && text_[end] != '\n') return;
    at_ = std::min(end + 1, text_.size());
    if (!before.empty() && before.back().kind == Node::Kind::kText) {
      auto& text = before.back().text;
      while (!text.empty() && text.back() != '\n') text.pop_back();
    }
  }

  static void add_text(std::vector<Node>& nodes, std::string_view text) {
    if (!text.empty()) nodes.push_back({.kind = Node::Kind::kText, .text = std::string(text), .children = {}});
  }

  [[noreturn]] void fail(std::size_t at, const std::string& message) const {
    const auto line = 1 + std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(at), '\n');
    throw Error(ErrorKind::kUsage, {.file = source_, .line = static_cast<std::uint64_t>(line), .field = {}}, message);
  }

  std::string_view text_;
  std::string source_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;  // of open sections
};

using Value = TextValue::Value;

const Json* json_of(const Value& value) {
  const auto* json = std::get_if<const Json*>(&value);
  return json == nullptr ? nullptr : *json;
}

// What names mean: the innermost object that has one, else a value of the list.
struct Scopes {
  std::span<const TextValue> values;
  std::vector<Value> inner;

  [[nodiscard]] std::optional<Value> find(const std::string& name) const {
    if (name == ".") return inner.empty() ? std::nullopt : std::optional(inner.back());
    for (auto scope = inner.rbegin(); scope != inner.rend(); ++scope) {
      const Json* object = json_of(*scope);
      if (object == nullptr || !object->is_object()) continue;
      if (const auto it = object->find(name); it != object->end()) return &*it;
    }
    const auto found = std::ranges::find(values, name, &TextValue::name);
    return found == values.end() ? std::nullopt : std::optional(found->value);
  }
};

bool is_there(const Json& value) {
  if (value.is_null()) return false;
  if (value.is_boolean()) return value.get<bool>();
  if (value.is_string()) return !value.get_ref<const std::string&>().empty();
  return value.is_number() || !value.empty();
}

bool is_there(const std::optional<Value>& value) {
  if (!value) return false;
  if (const auto* text = std::get_if<std::string_view>(&*value)) return !text->empty();
  if (const auto* flag = std::get_if<bool>(&*value)) return *flag;
  return is_there(*json_of(*value));
}

void append_value(std::string& out, const std::optional<Value>& value) {
  if (!value) return;
  if (const auto* text = std::get_if<std::string_view>(&*value)) {
    out += *text;
  } else if (const auto* flag = std::get_if<bool>(&*value)) {
    out += *flag ? "true" : "false";
  } else if (const Json& json = *json_of(*value); !json.is_null()) {
    out += json.is_string() ? json.get_ref<const std::string&>() : json.dump();
  }
}

void render_nodes(const std::vector<Node>& nodes, Scopes& scopes, std::string& out);

void render_section(const Node& node, const std::optional<Value>& value, Scopes& scopes, std::string& out) {
  if (!value || !is_there(value)) return;
  const auto once = [&](const Value& scope) {
    scopes.inner.push_back(scope);
    render_nodes(node.children, scopes, out);
    scopes.inner.pop_back();
  };
  if (const Json* json = json_of(*value); json != nullptr && json->is_array()) {
    for (const auto& element : *json) once(&element);
  } else {
    once(*value);
  }
}

void render_nodes(const std::vector<Node>& nodes, Scopes& scopes, std::string& out) {
  for (const auto& node : nodes) {
    if (node.kind == Node::Kind::kText) {
      out += node.text;
      continue;
    }
    const auto value = scopes.find(node.text);
    if (node.kind == Node::Kind::kValue) append_value(out, value);
    if (node.kind == Node::Kind::kSection) render_section(node, value, scopes, out);
    if (node.kind == Node::Kind::kInverted && !is_there(value)) render_nodes(node.children, scopes, out);
  }
}

std::string render_in(const std::shared_ptr<const std::vector<Node>>& nodes, Scopes scopes) {
  std::string out;
  if (nodes) render_nodes(*nodes, scopes, out);
  return out;
}

// Inside a section of an unknown value, an element may have a name of the known ones.
std::vector<Node> leave_out(const std::vector<Node>& nodes, const Scopes& known) {
  std::vector<Node> left;
  for (const auto& node : nodes) {
    const bool is_section = node.kind == Node::Kind::kSection || node.kind == Node::Kind::kInverted;
    const auto value = is_section ? known.find(node.text) : std::nullopt;
    if (!value) {
      left.push_back(node);
    } else if (is_there(value) == (node.kind == Node::Kind::kSection)) {
      left.push_back({.kind = node.kind, .text = node.text, .children = leave_out(node.children, known)});
    }
  }
  return left;
}

void collect_names(const std::vector<Node>& nodes, std::set<std::string>& names) {
  for (const auto& node : nodes) {
    if (node.kind != Node::Kind::kText && node.text != ".") names.insert(node.text);
    collect_names(node.children, names);
  }
}

}  // namespace

TextTemplate TextTemplate::parse(std::string_view text, const std::string& source) {
  TextTemplate made;
  made.nodes_ = std::make_shared<const std::vector<Node>>(Parser(text, source).parse("", made.names_));
  return made;
}

TextTemplate TextTemplate::load(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  if (!in || !(text << in.rdbuf())) throw usage_error(path.string() + ": the template cannot be read");
  return parse(text.str(), path.string());
}

std::string TextTemplate::render(const Json& values) const {
  return render_in(nodes_, {.values = {}, .inner = {&values}});
}

std::string TextTemplate::render_values(std::span<const TextValue> values) const {
  return render_in(nodes_, {.values = values, .inner = {}});
}

TextTemplate TextTemplate::assuming(std::span<const TextValue> known) const {
  TextTemplate made;
  if (!nodes_) return made;
  auto left = leave_out(*nodes_, {.values = known, .inner = {}});
  collect_names(left, made.names_);
  made.nodes_ = std::make_shared<const std::vector<Node>>(std::move(left));
  return made;
}

}  // namespace persona4rec
