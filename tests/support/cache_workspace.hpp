// A small workspace for `cache`: reviews said one a line, histories, targets and personas made from them.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/text_template.hpp"
#include "io/artifacts.hpp"
#include "persona4rec/cache.hpp"
#include "records/profile_text.hpp"
#include "support/fake_text_encoder.hpp"
#include "support/paths.hpp"
#include "support/rows.hpp"
#include "support/temp_dir.hpp"

namespace persona4rec::test {

struct Said {
  std::string user, item;
  double rating = 5;
  int time = 0;
  std::string text;
};

class CacheWorkspace {
 public:
  // Users a and b are evaluated (test target: the last positive; valid target: the one before), c and d are not.
  static std::vector<Said> reviews() {
    return {{"a", "i1", 5, 1, "celtic harp and quiet voices"},    // 0 history of both worlds
            {"a", "i2", 2, 2, "loud drums, not for me"},          // 1 disliked
            {"a", "i3", 4, 3, "quiet piano in the evening"},      // 2 train target
            {"a", "i4", 5, 4, "harp again, wonderful voices"},    // 3 valid target: history of world test
            {"a", "i5", 5, 5, "the test target of a"},            // 4 test target: nobody may use it
            {"b", "i2", 5, 1, "loud drums and loud guitars"},     // 5
            {"b", "i3", 5, 2, "piano with drums"},                // 6
            {"b", "i1", 4, 3, "even the harp has guitars here"},  // 7 valid target
            {"b", "i4", 5, 4, "the test target of b"},            // 8 test target
            {"c", "i1", 5, 1, "celtic music, harp and voices"},   // 9 item side, all of it
            {"c", "i4", 4, 2, "harp music"},                      // 10
            {"d", "i2", 1, 1, "drums too loud"},                  // 11 disliked, item side all the same
            {"d", "i5", 5, 2, "guitars and drums and voices"}};   // 12
  }

  // Persona -> reviews that support it, by index into reviews(). i5 has none; i9 has no review.
  static std::map<std::string, std::vector<std::vector<int>>> personas() {
    return {{"i1", {{0, 9}}}, {"i2", {{5}, {11, 1}}}, {"i3", {{2}, {6}}}, {"i4", {{10}}}, {"i9", {{}}}};
  }

  explicit CacheWorkspace(std::vector<Said> said = reviews()) : said_(std::move(said)) {
    options_.history = files_.history();
    options_.targets = files_.targets();
    options_.persona_with_summary = files_.persona_with_summary();
    options_.cache = files_.cache();
    options_.words.max_document_share = 1;
    options_.words.min_documents = 1;
    options_.threads = 2;
    write();
  }

  [[nodiscard]] CacheOptions& options() { return options_; }
  [[nodiscard]] const Workspace& files() const { return files_; }
  [[nodiscard]] const TempDir& dir() const { return dir_; }
  [[nodiscard]] std::vector<Said>& said() { return said_; }
  [[nodiscard]] FakeTextEncoder& encoder() { return encoder_; }
  [[nodiscard]] ProfileText texts() const { return ProfileText({.prompts = source_dir() / "prompts" / "generic"}); }
  CacheReport build(const EncoderHead* head = nullptr) {
    FakeTextEncoder encoder(encoder_.dimensions());
    return build_cache(options_, texts(), encoder, head);
  }

  // Every file under cache/, by relative name, with its bytes.
  [[nodiscard]] std::map<std::string, std::string> bytes() const {
    std::map<std::string, std::string> all;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(options_.cache)) {
      if (!entry.is_regular_file()) continue;
      all[entry.path().lexically_relative(options_.cache).generic_string()] = read_file(entry.path());
    }
    return all;
  }
  [[nodiscard]] std::string read(const std::string& name) const { return read_file(options_.cache / name); }

  // Row of the fp16 matrix `name`, widened.
  [[nodiscard]] std::vector<float> half_row(const std::string& name, std::size_t row) const {
    const auto file = read(name);
    std::vector<float> values;
    for (std::size_t i = 0; i < encoder_.dimensions(); ++i) {
      _Float16 half;
      std::memcpy(&half, file.data() + (row * encoder_.dimensions() + i) * sizeof(half), sizeof(half));
      values.push_back(static_cast<float>(half));
    }
    return values;
  }
  [[nodiscard]] std::vector<std::string> lines(const std::string& name) const {
    std::vector<std::string> all;
    std::istringstream in(read(name));
    for (std::string line; std::getline(in, line);) all.push_back(line);
    return all;
  }

  static HistoryReview review(const Said& said, std::size_t index) {
    return {.user_id = UserId(said.user),
            .item_id = ItemId(said.item),
            .review_title = "",
            .summary = "",
            .extracted = Json::object(),
            .timestamp = {.ms = said.time, .text = std::to_string(said.time)},
            .rating = {.value = said.rating},
            .review_id = ReviewId(std::to_string(index), true),
            .review_text = said.text};
  }

  // Writes the 3.5 files again from said().
  void write() {
    Interactions data;
    std::vector<HistoryRow> rows;
    for (std::size_t i = 0; i < said_.size(); ++i) {
      const auto made = review(said_[i], i);
      if (rows.empty() || rows.back().user_id != made.user_id) rows.push_back({.user_id = made.user_id, .reviews = {}});
      data.add(made.user_id, made.item_id, *made.review_id, made.rating, made.timestamp);
      rows.back().reviews.push_back(made);
    }
    write_rows(files_.history(), rows);
    write_targets(data);
    write_personas();
  }

 private:
  void write_targets(const Interactions& data) const {
    const auto split = decide_split(data, options_.split);
    std::vector<TargetRow> targets;
    for (const auto& target : split.targets()) {
      const auto i = target.interaction;
      targets.push_back(
          {data.users()[data[i].user], data.items()[data[i].item], data.review(i), data.time(i), target.split});
    }
    write_rows(files_.targets(), targets);
  }

  void write_personas() const {
    std::vector<PersonaWithSummaryRow> rows;
    for (const auto& [item, all] : personas()) {
      PersonaWithSummaryRow row{.item_id = ItemId(item), .personas = {}};
      for (std::size_t k = 0; k < all.size(); ++k) {
        const std::string id = "P" + std::to_string(k + 1);
        std::vector<ReviewId> support;
        for (const int review : all[k]) support.emplace_back(std::to_string(review), true);
        row.personas.push_back({{id, "fan of " + item, "likes " + item + " as " + id, "because", support},
                                "about " + item,
                                PersonaId(item + "_" + id)});
      }
      rows.push_back(std::move(row));
    }
    write_rows(files_.persona_with_summary(), rows);
  }

  TempDir dir_;
  Workspace files_{dir_.path()};
  std::vector<Said> said_;
  CacheOptions options_;
  FakeTextEncoder encoder_;
};

}  // namespace persona4rec::test
