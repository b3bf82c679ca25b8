#include "workspace/show.hpp"

#include <algorithm>
#include <functional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "io/artifacts.hpp"
#include "io/jsonl_reader.hpp"
#include "io/provenance.hpp"
#include "persona4rec/error.hpp"
#include "records/row_json.hpp"
#include "records/time.hpp"

namespace persona4rec {
namespace {

// Keeps `most` of what it is given, and counts all.
class Shown {
 public:
  explicit Shown(std::size_t most) : most_(most) {}
  void add(Json one) {
    if (most_ == 0 || shown_.size() < most_) shown_.push_back(std::move(one));
    ++count_;
  }
  // The last ones instead of the first.
  void add_last(Json one) {
    shown_.push_back(std::move(one));
    if (most_ != 0 && shown_.size() > most_) shown_.erase(shown_.begin());
    ++count_;
  }
  [[nodiscard]] std::size_t count() const { return count_; }
  [[nodiscard]] Json json() const { return {{"count", count_}, {"shown", shown_}}; }

 private:
  std::size_t most_;
  std::size_t count_ = 0;
  Json shown_ = Json::array();
};

class Showing {
 public:
  explicit Showing(const ShowOptions& options, const ItemId& item = {})
      : options_(options), workspace_{.root = options.workspace} {
    if (!options_.time) options_.time = read_time_settings(read_meta(workspace_.aspects()));
    read<SummaryRow>(workspace_.summary(), [&](SummaryRow& row) {
      if (row.item_id == item) summary_ = std::move(row.item_summary);
      titles_.emplace(row.item_id.text(), std::move(row.item_title));
    });
  }

  Json item(const ItemId& item) {
    Json out = {{"item_id", to_json(item)}, {"title", title(item)}, {"summary", summary_}};
    Shown reviews(options_.most);
    read<AspectRow>(workspace_.aspects(), [&](const AspectRow& row) {
      if (row.item_id == item) reviews.add(review_json(row));
    });
    out["reviews"] = reviews.json();
    out["personas"] = Json::array();
    read<PersonaRow>(workspace_.personas(), [&](const PersonaRow& row) {
      if (row.item.item_id == item) add_personas(out["personas"], row);
    });
    out["matches"] = matches([&](const SelectedPersonaRow& row) { return row.target_item_id == item; });
    Shown lists(options_.most);
    read<RerankedRow>(workspace_.reranked(), [&](const RerankedRow& row) { add_position(lists, row, item); });
    out["lists"] = lists.json();
    const bool nothing = !titles_.contains(item.text()) && reviews.count() == 0 && out["personas"].empty();
    return finished(std::move(out), nothing, "item", item.text());
  }

  Json user(const UserId& user) {
    Json out = {{"user_id", to_json(user)}};
    Shown history(options_.most);
    read<HistoryRow>(workspace_.history(), [&](const HistoryRow& row) {
      if (row.user_id != user) return;
      for (const auto& review : row.reviews) history.add_last(review_json(review));
    });
    out["history"] = history.json();
    out["targets"] = Json::array();
    read<TargetRow>(workspace_.targets(), [&](const TargetRow& row) {
      if (row.user_id != user || row.split == TargetSplit::kTrain) return;
      out["targets"].push_back(
          {{"item_id", to_json(row.item_id)}, {"title", title(row.item_id)}, {"split", to_string(row.split)}});
    });
    out["matches"] = matches([&](const SelectedPersonaRow& row) { return row.user_id == user; });
    out["list"] = nullptr;
    read<RerankedRow>(workspace_.reranked(), [&](const RerankedRow& row) {
      if (row.user_id == user) out["list"] = list_json(row);
    });
    const bool nothing = history.count() == 0 && out["list"].is_null() && out["targets"].empty();
    return finished(std::move(out), nothing, "user", user.text());
  }

 private:
  // Every row of an artifact; one that is missing is noted.
  template <class Row, class Take>
  void read(const std::filesystem::path& path, const Take& take) {
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored)) {
      missing_.push_back({{"file", path.filename().string()}, {"then", make_text(path)}});
      return;
    }
    JsonlReader reader(path, {.allow_empty_file = true, .read = {options_.time.value_or(TimeFormat{})}});
    for (Row row; reader.next(row); row = Row{}) take(row);
  }

  [[nodiscard]] std::string title(const ItemId& item) const {
    const auto found = titles_.find(item.text());
    return found == titles_.end() ? std::string() : found->second;
  }

  static Json review_json(const AspectRow& row) {
    return {{"review_id", to_json(row.review_id)},    {"user_id", to_json(row.user_id)},
            {"rating", to_json(row.rating)},          {"time", date_text(row.timestamp.ms)},
            {"title", row.review_title.value_or("")}, {"text", row.review_text},
            {"aspects", row.extracted_aspects}};
  }
  [[nodiscard]] Json review_json(const HistoryReview& review) const {
    return {{"item_id", to_json(review.item_id)}, {"item_title", title(review.item_id)},
            {"rating", to_json(review.rating)},   {"time", date_text(review.timestamp.ms)},
            {"title", review.review_title},       {"text", review.review_text.value_or("")},
            {"aspects", review.extracted}};
  }

  static void add_personas(Json& out, const PersonaRow& row) {
    for (const auto& persona : row.personas) {
      out.push_back({{"id", row.item.item_id.text() + "_" + persona.id},
                     {"name", persona.name},
                     {"description", persona.description},
                     {"preference_rationale", persona.preference_rationale},
                     {"affinities", persona.affinities},
                     {"support", persona.support.size()}});
    }
  }

  Json matches(const std::function<bool(const SelectedPersonaRow&)>& wanted) {
    Shown found(options_.most);
    read<SelectedPersonaRow>(workspace_.selected(), [&](const SelectedPersonaRow& row) {
      if (!wanted(row)) return;
      found.add({{"user_id", to_json(row.user_id)},
                 {"item_id", to_json(row.target_item_id)},
                 {"title", title(row.target_item_id)},
                 {"persona_id", row.selected_persona.unique_persona_id.text()},
                 {"persona_name", row.selected_persona_name},
                 {"reasoning", row.selection_reasoning}});
    });
    return found.json();
  }

  static void add_position(Shown& lists, const RerankedRow& row, const ItemId& item) {
    for (std::size_t i = 0; i < row.results.size(); ++i) {
      if (row.results[i].item_id != item) continue;
      lists.add({{"user_id", to_json(row.user_id)}, {"rank", i + 1}, {"base_rank", row.results[i].base_rank}});
    }
  }

  [[nodiscard]] Json list_json(const RerankedRow& row) const {
    Shown results(options_.most);
    for (std::size_t i = 0; i < row.results.size(); ++i) {
      const auto& result = row.results[i];
      results.add({{"rank", i + 1},
                   {"base_rank", result.base_rank},
                   {"item_id", to_json(result.item_id)},
                   {"title", title(result.item_id)},
                   {"persona_name", result.persona_name.value_or("")}});
    }
    return results.json();
  }

  Json finished(Json out, bool nothing, const char* kind, const std::string& id) const {
    if (nothing) {
      std::string message =
          std::string("nothing in ") + options_.workspace.string() + " knows the " + kind + " \"" + id + "\"";
      for (const auto& file : missing_) {
        message += "; " + file["file"].get<std::string>() + " is missing: " + file["then"].get<std::string>();
      }
      throw Error(ErrorKind::kInput, message);
    }
    out["missing"] = missing_;
    return out;
  }

  ShowOptions options_;
  Workspace workspace_;
  std::unordered_map<std::string, std::string> titles_;  // of items
  std::string summary_;                                  // of the one that is shown
  Json missing_ = Json::array();
};

}  // namespace

Json show_item(const ShowOptions& options, const ItemId& item) {
  return Showing(options, item).item(item);
}

Json show_user(const ShowOptions& options, const UserId& user) {
  return Showing(options).user(user);
}

}  // namespace persona4rec
