#include "persona4rec/personas.hpp"

#include <utility>

#include "asking/answer_rows.hpp"
#include "asking/shard.hpp"
#include "lexical/vocabulary.hpp"
#include "personas/item_reviews.hpp"
#include "personas/persona_prompt.hpp"

namespace persona4rec {
namespace {

class PersonaMaking {
 public:
  PersonaMaking(const PersonasOptions& options, ChatClient& client)
      : options_(options),
        grouped_path_(shard_path(options.grouped, options.answers.shard)),
        path_(shard_path(options.personas, options.answers.shard)),
        grouped_(grouped_path_),
        out_(path_),
        provenance_("personas", options.force),
        answers_(client, path_, options.answers, options.progress),
        items_(options, provenance_),
        prompt_(options, items_.vocabulary()) {}

  PersonasReport run() {
    const auto range = shard_range(options_.answers.shard, items_.size());
    std::size_t next = range.begin;
    const auto requests = [&]() -> std::optional<ChatRequest> {
      while (next < range.end) {
        const auto item = items_.load(next++);
        const auto shown = shown_reviews(item);
        if (!shown.reviews.empty()) return prompt_.request(item, shown).request;
      }
      return std::nullopt;
    };
    if (!answers_.ask(requests, range.end - range.begin)) return report_;
    for (auto item = range.begin; item < range.end; ++item) write_item(item);
    finish();
    return report_;
  }

 private:
  void write_item(std::size_t index) {
    auto item = items_.load(index);
    grouped_.write_row(to_json(item));
    const auto shown = shown_reviews(item);
    PersonaRow row{.item = item.item, .review_count = item.aspects.size(), .personas = {}};
    if (!shown.reviews.empty()) {
      const auto asked = prompt_.request(item, shown);
      count_prompt(asked);
      if (const auto answer = answers_.next(asked.request)) row.personas = personas_of(*answer, shown);
    }
    count_item(index, item, shown);
    report_.personas += row.personas.size();
    out_.write_row(to_json(row));
  }

  void count_prompt(const PersonaRequest& asked) {
    report_.bounded_items += asked.left_out > 0 ? 1 : 0;
    report_.reviews_left_out += asked.left_out;
    report_.excerpted_items += asked.excerpted ? 1 : 0;
  }

  void count_item(std::size_t index, const GroupedRow& item, const ShownReviews& shown) {
    ++report_.items;
    report_.without_reviews += item.aspects.empty() ? 1 : 0;
    report_.without_text += !item.aspects.empty() && shown.reviews.empty() ? 1 : 0;
    report_.without_summary += items_.has_summary(index) ? 0 : 1;
    report_.item_side_reviews += item.aspects.size();
    report_.repeated_reviews += shown.repeated;
    report_.reviews_without_text += shown.without_text;
  }

  void count_all() {
    report_.bad_rows = items_.bad_rows();
    report_.split = items_.split_counts();
    for (const auto& [name, value] : std::initializer_list<std::pair<const char*, std::uint64_t>>{
             {"items", report_.items},
             {"personas", report_.personas},
             {"without_reviews", report_.without_reviews},
             {"without_text", report_.without_text},
             {"without_summary", report_.without_summary},
             {"item_side_reviews", report_.item_side_reviews},
             {"repeated_reviews", report_.repeated_reviews},
             {"reviews_without_text", report_.reviews_without_text},
             {"bounded_items", report_.bounded_items},
             {"reviews_left_out", report_.reviews_left_out},
             {"excerpted_items", report_.excerpted_items},
             {"input_evaluated_users", report_.split.evaluated_users},
             {"input_item_side_reviews", report_.split.item_side},
             {"input_bad_rows", report_.bad_rows}}) {
      provenance_.count(name, value);
    }
  }

  void finish() {
    provenance_.option("prompt_tokens", options_.prompt_tokens);
    provenance_.option("words", to_json(options_.words));
    provenance_.prompt("personas", prompt_.fingerprint());
    count_all();
    answers_.describe(provenance_);
    provenance_.write(grouped_path_, "2.5_grouped", grouped_.commit(), report_.items);
    provenance_.write(path_, "3_personas", out_.commit(), report_.items);
    report_.written = true;
    report_.answers = answers_.counts();
    answers_.finish();
  }

  const PersonasOptions& options_;
  std::filesystem::path grouped_path_;
  std::filesystem::path path_;
  OutputFile grouped_;
  OutputFile out_;
  Provenance provenance_;
  AnswerRows answers_;
  ItemReviews items_;
  PersonaPrompt prompt_;
  PersonasReport report_;
};

}  // namespace

PersonasReport make_personas(const PersonasOptions& options, ChatClient& client) {
  return PersonaMaking(options, client).run();
}

}  // namespace persona4rec
