#include "rerank/shown_rows.hpp"

#include <fstream>
#include <utility>

#include "io/artifacts.hpp"
#include "io/cache_names.hpp"
#include "io/jsonl_reader.hpp"
#include "persona4rec/error.hpp"
#include "persona4rec/json.hpp"

namespace persona4rec {
namespace {

void read_support(const CacheFiles& files, const std::unordered_set<std::string>& personas, ShownRows& rows) {
  JsonlReader reader(files.item_persona() / cache_names::kPersonaRows, {.allow_empty_file = true});
  while (reader.next([&](const RowView& view) {
    const std::string id = view.id<PersonaId>("uid").text();
    if (!personas.contains(id)) return;
    auto& support = rows.support[id];
    for (const auto uid : view.array("support")) {
      std::string_view text;
      if (uid.get(text) != simdjson::SUCCESS) view.fail("support", "expected an array of strings");
      support.emplace_back(text);
    }
  })) {
  }
}

// Keeps one key's list of an object of lists and passes over everything else: a cache's index names millions of users.
class OneList final : public nlohmann::json_sax<Json> {
 public:
  explicit OneList(const std::string& key) : wanted_(key) {}
  [[nodiscard]] std::vector<std::string> take() { return std::move(values_); }
  [[nodiscard]] const std::string& problem() const { return problem_; }

  bool key(string_t& key) override {
    here_ = depth_ == 1 && !found_ && key == wanted_;
    found_ = found_ || here_;
    return true;
  }
  bool string(string_t& value) override {
    if (!here_ || depth_ != 2) return scalar();
    values_.push_back(std::move(value));
    return true;
  }
  bool start_object(std::size_t /*size*/) override { return enter(true); }
  bool start_array(std::size_t /*size*/) override { return enter(false); }
  bool end_object() override { return leave(); }
  bool end_array() override { return leave(); }
  bool null() override { return scalar(); }
  bool boolean(bool /*value*/) override { return scalar(); }
  bool number_integer(number_integer_t /*value*/) override { return scalar(); }
  bool number_unsigned(number_unsigned_t /*value*/) override { return scalar(); }
  bool number_float(number_float_t /*value*/, const string_t& /*text*/) override { return scalar(); }
  bool binary(binary_t& /*value*/) override { return scalar(); }
  bool parse_error(std::size_t /*at*/, const std::string& /*token*/,
                   const nlohmann::detail::exception& error) override {
    return fail(error.what());
  }

 private:
  bool enter(bool object) {
    const bool here_no_list = here_ && (object || depth_ != 1);
    if ((depth_ == 0 && !object) || here_no_list) return fail("expected an object of lists of uids");
    ++depth_;
    return true;
  }
  bool leave() {
    if (--depth_ == 1) here_ = false;
    return true;
  }
  bool scalar() { return (depth_ > 0 && !here_) || fail("expected an object of lists of uids"); }
  bool fail(const std::string& problem) {
    problem_ = problem;
    return false;
  }

  const std::string& wanted_;
  std::size_t depth_ = 0;
  bool here_ = false;  // inside the wanted key's value
  bool found_ = false;
  std::vector<std::string> values_;
  std::string problem_;
};

// index.json is in the order of world test, which holds the history of world valid too.
std::vector<std::string> liked_uids(const CacheFiles& files, const UserId& user) {
  const auto path = files.user_item() / cache_names::kIndex;
  std::ifstream in(path, std::ios::binary);
  if (!in) throw input_error({.file = path.string()}, "cannot be opened: run `persona4rec cache` again");
  OneList list(user.text());
  if (!Json::sax_parse(in, &list)) throw input_error({.file = path.string(), .field = user.text()}, list.problem());
  return list.take();
}

}  // namespace

ShownRows read_shown_rows(const ServingCache& cache, const std::unordered_set<std::string>& personas,
                          const UserId& user) {
  const CacheFiles files{cache.folder()};
  ShownRows rows;
  read_support(files, personas, rows);
  const auto liked = liked_uids(files, user);
  std::unordered_map<std::string, std::uint32_t> liked_rows;
  for (const auto& uid : liked) liked_rows.emplace(uid, UINT32_MAX);
  JsonlReader reader(files.user_item() / cache_names::kRows);
  std::uint32_t row = 0;
  while (reader.next([&](const RowView& view) {
    const auto here = row++;
    const auto it = liked_rows.find(std::string(view.string("uid")));
    if (it == liked_rows.end()) return;
    const bool in_world = cache.world() == World::kTest || view.maybe_string("world") == to_string(World::kValid);
    if (in_world) it->second = here;
  })) {
  }
  const auto k_recent = cache.meta().value("options", Json::object()).value("k_recent", std::size_t{0});
  for (const auto& uid : liked) {
    if (rows.liked.size() < k_recent && liked_rows[uid] != UINT32_MAX) rows.liked.emplace_back(uid, liked_rows[uid]);
  }
  for (const auto& [id, support] : rows.support) rows.wanted.insert(support.begin(), support.end());
  for (const auto& entry : rows.liked) rows.wanted.insert(entry.first);
  rows.interactions = MappedHalfMatrix(files.user_item() / cache_names::kInteractions, row, cache.dimensions());
  return rows;
}

}  // namespace persona4rec
