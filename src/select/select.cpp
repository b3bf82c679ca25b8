#include "persona4rec/select.hpp"

#include <algorithm>
#include <future>
#include <memory>
#include <utility>

#include "asking/answer_stage.hpp"
#include "base/format.hpp"
#include "records/selected_text.hpp"
#include "select/persona_store.hpp"
#include "select/select_prompt.hpp"
#include "select/shared_items.hpp"

namespace persona4rec {
namespace {

constexpr const char* kRole = "4_selected_personas";
constexpr const char* kOnlyPersona = "The item has one persona only; nothing was asked.";

struct TargetUnit {
  TargetWork work;                         // of the earlier reviews, what judges
  std::shared_ptr<const SharedItem> item;  // from request() on
};

// What a walk over all targets comes to.
struct CountedTargets {
  std::uint64_t targets = 0;
  std::uint64_t other_targets = 0;
  std::uint64_t bad_rows = 0;
  TargetStream::Hashes hashes;
};

CountedTargets count_targets(const SelectOptions& options, const TargetInputs& inputs) {
  TargetStream stream(options, inputs);
  for (TargetWork work; stream.next(work);) {
  }
  CountedTargets counted;
  counted.hashes = stream.hashes();
  counted.targets = stream.taken();
  counted.other_targets = stream.other_targets();
  counted.bad_rows = stream.bad_rows();
  return counted;
}

class Selecting final : public AnswerWork<TargetUnit> {
 public:
  Selecting(const SelectOptions& options, const ChatClient& client, AnswerStage& stage)
      : options_(options),
        inputs_{stage.repeatable(options.targets), stage.repeatable(options.history)},
        counted_(std::async(std::launch::async, [this] { return count_targets(options_, inputs_); })),
        provenance_(stage.provenance()),
        personas_(options.persona_with_summary, options.output, options.max_bad_rows, options.words),
        items_(personas_, client.reads_prompts()),
        prompt_(options, personas_.vocabulary(), client.reads_prompts()) {}

  SelectReport report;

  std::uint64_t size() override {
    const auto counted = counted_.get();
    hashes_ = counted.hashes;
    report.other_targets = counted.other_targets;
    report.bad_rows = counted.bad_rows + personas_.bad_rows();
    register_inputs();
    return counted.targets;
  }

  UnitWalk<TargetUnit> walk(const ShardRange& range) override {
    return [this, range, stream = std::make_shared<TargetStream>(options_, inputs_)](TargetUnit& unit) {
      while (stream->next(unit.work)) {
        if (!range.holds(stream->taken() - 1)) continue;
        unit.work.earlier = judged_reviews(unit.work.earlier, options_);
        return true;
      }
      if (stream->hashes() == hashes_) return false;
      throw input_error({.file = inputs_.targets.name()}, "was changed while it was read");
    };
  }

  std::optional<ChatRequest> request(TargetUnit& unit) override {
    unit.item = items_.find(unit.work.target.item_id);
    if (unit.work.earlier.empty() || unit.item->personas.size() < 2) return std::nullopt;
    return prompt_.request(unit.work, unit.item);
  }

  [[nodiscard]] bool asks_at_once() const override { return true; }

  void write(TargetUnit& unit, const UnitAnswer& given, AnswerStage& stage) override {
    ++report.targets;
    const auto& personas = unit.item->personas;
    if (personas.empty()) {
      ++report.without_persona;
    } else if (unit.work.earlier.empty()) {
      ++report.without_history;
    } else if (!given.asked) {
      ++report.single_persona;
      write_row(stage, unit, 0, kOnlyPersona);
    } else if (given.answer) {
      const auto& id = given.answer->at("selected_persona_id").get_ref<const std::string&>();
      const auto chosen = std::ranges::find(personas, id, &Persona::id);
      write_row(stage, unit, static_cast<std::size_t>(chosen - personas.begin()),
                given.answer->at("selection_reasoning").get_ref<const std::string&>());
    }
  }

  [[nodiscard]] std::string empty_reason() const override {
    if (report.targets == 0) {
      return inputs_.targets.name() + " has no target of split " + to_string(wanted_split(options_)) + " (" +
             with_commas(report.other_targets) + " of others)";
    }
    return "of " + with_commas(report.targets) + " targets, " + with_commas(report.without_persona) +
           " have an item without personas, " + with_commas(report.without_history) +
           " a user without earlier opinions; the others were set aside";
  }

  void describe(Provenance& provenance) override {
    provenance.option("newest", options_.newest);
    provenance.option("words", to_json(options_.words));
    provenance.prompt("select", prompt_.fingerprint());
    for (const auto& [name, value] :
         std::initializer_list<std::pair<const char*, std::uint64_t>>{{"targets", report.targets},
                                                                      {"selected", report.selected},
                                                                      {"single_persona", report.single_persona},
                                                                      {"without_persona", report.without_persona},
                                                                      {"without_history", report.without_history},
                                                                      {"input_other_targets", report.other_targets},
                                                                      {"input_bad_rows", report.bad_rows}}) {
      provenance.count(name, value);
    }
  }

 private:
  // Before anything is asked: inputs that do not belong together should cost nothing.
  void register_inputs() {
    provenance_.input("3.5_targets", options_.targets, hashes_.targets);
    provenance_.input("3.5_history", options_.history, hashes_.history);
    provenance_.input("3.5_persona_with_summary", options_.persona_with_summary, personas_.sha256());
    provenance_.settings(split_settings(options_.split));
    provenance_.settings(time_settings(options_.time));
  }

  void write_row(AnswerStage& stage, const TargetUnit& unit, std::size_t chosen, std::string_view reasoning) {
    line_.clear();
    append_selected(line_, {.target = unit.work.target,
                            .persona = unit.item->personas[chosen],
                            .entry = unit.item->rows[chosen],
                            .reasoning = reasoning});
    line_ += '\n';
    stage.row_in_parts(kRole).write(line_);
    ++report.selected;
  }

  const SelectOptions& options_;
  TargetInputs inputs_;
  std::future<CountedTargets> counted_;  // while the personas are read
  Provenance& provenance_;
  PersonaStore personas_;
  SharedItems items_;
  SelectPrompt prompt_;
  TargetStream::Hashes hashes_;
  std::string line_;
};

}  // namespace

SelectReport select_personas(const SelectOptions& options, ChatClient& client) {
  if (options.newest == 0) throw usage_error("--newest: expected at least 1, got 0");
  AnswerStage stage(client, {.command = "select",
                             .artifacts = {{options.output, kRole}},
                             .answers = options.answers,
                             .force = options.force,
                             .progress = options.progress});
  Selecting work(options, client, stage);
  work.report.written = stage.run(work);
  work.report.answers = stage.counts();
  return work.report;
}

}  // namespace persona4rec
