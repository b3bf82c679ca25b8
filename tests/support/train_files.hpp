// A small workspace for training: users with histories, items with personas, selections. Two tastes: users and items
// are even or odd, and the texts say which.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "io/artifacts.hpp"
#include "io/provenance.hpp"
#include "persona4rec/train.hpp"
#include "records/profile_text.hpp"
#include "support/paths.hpp"
#include "support/rows.hpp"
#include "support/temp_dir.hpp"

namespace persona4rec::test {

class TrainFiles {
 public:
  static constexpr int kUsers = 12;
  static constexpr int kItems = 10;
  static constexpr int kReviews = 6;  // of each user: items u, u + 2, u + 4, ... (mod kItems), so tastes stay apart

  // Of each user `reviews` reviews of items u, u + step, u + 2 step, ...
  explicit TrainFiles(const SplitOptions& split = {}, int reviews = kReviews, int step = 2)
      : reviews_(reviews), step_(step) {
    options_.split = split;
    Interactions data;
    for (int u = 0; u < kUsers; ++u) add_user(u, data);
    split_ = decide_split(data, options_.split);
    write_rows(files_.history(), histories_);
    write_targets(data);
    write_personas();
    write_rows(files_.selected(), selected_);
    write_base();
    options_.selected = files_.selected();
    options_.history = files_.history();
    options_.targets = files_.targets();
    options_.persona_with_summary = files_.persona_with_summary();
    options_.base_encoder = dir_.path() / "base";
    options_.output = files_.encoder();
    options_.head.batch_size = 8;
    options_.head.epochs = 3;
    options_.head.patience = 0;
    options_.threads = 1;
  }

  [[nodiscard]] TrainOptions& options() { return options_; }
  [[nodiscard]] const Workspace& files() const { return files_; }
  [[nodiscard]] const TempDir& dir() const { return dir_; }
  [[nodiscard]] std::vector<SelectedPersonaRow>& selected() { return selected_; }
  [[nodiscard]] ProfileText texts() const { return ProfileText({.prompts = source_dir() / "prompts" / "generic"}); }
  // Every file of the encoder folder and its meta file, by name.
  [[nodiscard]] std::map<std::string, std::string> outputs() const {
    std::map<std::string, std::string> bytes;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(files_.encoder())) {
      if (!entry.is_regular_file()) continue;
      bytes[entry.path().lexically_relative(files_.encoder()).string()] = read_file(entry.path());
    }
    bytes["meta"] = read_file(meta_path(files_.encoder()));
    return bytes;
  }
  static std::string user(int u) { return "u" + std::to_string(u); }
  static std::string item(int i) { return "i" + std::to_string(i); }
  static int review(int u, int n) { return u * 100 + n; }

 private:
  void add_user(int u, Interactions& data) {
    HistoryRow row{.user_id = UserId(user(u)), .reviews = {}};
    for (int n = 0; n < reviews_; ++n) {
      const int i = (u + step_ * n) % kItems;
      const Timestamp time{.ms = n + 1, .text = std::to_string(n + 1)};
      const ReviewId id(std::to_string(review(u, n)), true);
      row.reviews.push_back({.user_id = row.user_id,
                             .item_id = ItemId(item(i)),
                             .review_title = u % 2 == 0 ? "even taste" : "odd taste",
                             .summary = "",
                             .extracted = Json::object(),
                             .timestamp = time,
                             .rating = {.value = 5},
                             .review_id = id,
                             .review_text = "words of " + user(u) + " about " + item(i)});
      data.add(row.user_id, ItemId(item(i)), id, {.value = 5}, time);
    }
    histories_.push_back(std::move(row));
  }

  void write_targets(const Interactions& data) {
    std::vector<TargetRow> targets;
    for (const auto& target : split_.targets()) {
      const auto& interaction = data[target.interaction];
      targets.push_back({.user_id = data.users()[interaction.user],
                         .item_id = data.items()[interaction.item],
                         .review_id = data.review(target.interaction),
                         .timestamp = data.time(target.interaction),
                         .split = target.split});
      if (target.split == TargetSplit::kTrain) select(targets.back());
    }
    write_rows(files_.targets(), targets);
  }

  void select(const TargetRow& target) {
    const PersonaEntry entry{.persona = {"P1", "n", "d", "r", {}},
                             .item_summary = "",
                             .unique_persona_id = PersonaId(target.item_id.text() + "_P1")};
    selected_.push_back({target.user_id, target.item_id, "P1", "n", entry, "because", TargetSplit::kTrain});
  }

  // Two personas an item: the reviews of users below and from the middle on.
  void write_personas() const {
    std::vector<PersonaWithSummaryRow> rows;
    for (int i = 0; i < kItems; ++i) {
      PersonaWithSummaryRow row{.item_id = ItemId(item(i)), .personas = {}};
      for (int k = 0; k < 2; ++k) {
        const std::string id = "P" + std::to_string(k + 1);
        row.personas.push_back({{id, "name " + item(i) + id, "description", "rationale", support(i, k)},
                                "summary",
                                PersonaId(item(i) + "_" + id)});
      }
      rows.push_back(std::move(row));
    }
    write_rows(files_.persona_with_summary(), rows);
  }

  [[nodiscard]] std::vector<ReviewId> support(int i, int half) const {
    std::vector<ReviewId> ids;
    for (int u = 0; u < kUsers; ++u) {
      for (int n = 0; n < reviews_; ++n) {
        const bool of_item = (u + step_ * n) % kItems == i;
        if (of_item && (u < kUsers / 2) == (half == 0)) ids.emplace_back(std::to_string(review(u, n)), true);
      }
    }
    return ids;
  }

  // A folder that can be copied; the vectors come from a fake encoder.
  void write_base() const {
    (void)dir_.write("base/config.json",
                     R"({"model_type":"bert","hidden_size":16,"num_hidden_layers":1,"num_attention_heads":2,)"
                     R"("intermediate_size":32,"vocab_size":10,"max_position_embeddings":32,"type_vocab_size":2,)"
                     R"("layer_norm_eps":1e-12,"hidden_act":"gelu","pad_token_id":0})");
    (void)dir_.write("base/model.safetensors", "weights");
    (void)dir_.write("base/vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nwords\n");
  }

  int reviews_;
  int step_;
  TempDir dir_;
  Workspace files_{dir_.path()};
  TrainOptions options_;
  Split split_;
  std::vector<HistoryRow> histories_;
  std::vector<SelectedPersonaRow> selected_;
};

}  // namespace persona4rec::test
