#include "persona4rec/select.hpp"

#include <algorithm>
#include <utility>

#include "asking/answer_rows.hpp"
#include "asking/shard.hpp"
#include "lexical/vocabulary.hpp"
#include "select/persona_store.hpp"
#include "select/select_prompt.hpp"

namespace persona4rec {
namespace {

constexpr const char* kOnlyPersona = "The item has one persona only; nothing was asked.";

// What a target needs, or why it gets no row.
struct Unit {
  TargetRow target;
  std::vector<PersonaEntry> personas;
  bool has_history = false;
  std::optional<ChatRequest> request;  // none: nothing to judge
};

class Selecting {
 public:
  Selecting(const SelectOptions& options, ChatClient& client)
      : options_(options),
        path_(shard_path(options.output, options.answers.shard)),
        out_(path_),
        provenance_("select", options.force),
        answers_(client, path_, options.answers, options.progress),
        personas_(options.persona_with_summary, options.output, options.max_bad_rows),
        vocabulary_(personas_.vocabulary(options.words)),
        prompt_(options, vocabulary_) {
    if (options.newest == 0) throw usage_error("--newest: expected at least 1, got 0");
  }

  SelectReport run() {
    count_targets();
    register_inputs();
    TargetStream asking(options_);
    const auto requests = [&]() -> std::optional<ChatRequest> {
      for (Unit unit; next(asking, unit); unit = {}) {
        if (unit.request) return std::move(unit.request);
      }
      return std::nullopt;
    };
    if (!answers_.ask(requests, range_.end - range_.begin)) return report_;
    TargetStream writing(options_);
    for (Unit unit; next(writing, unit); unit = {}) write_unit(unit);
    if (writing.hashes() != hashes_)
      throw input_error({.file = options_.targets.string()}, "was changed while it was read");
    finish();
    return report_;
  }

 private:
  void count_targets() {
    TargetStream stream(options_);
    for (TargetWork work; stream.next(work);) {
    }
    range_ = shard_range(options_.answers.shard, stream.taken());
    hashes_ = stream.hashes();
    report_.other_targets = stream.other_targets();
    report_.bad_rows = stream.bad_rows() + personas_.bad_rows();
  }

  void register_inputs() {
    provenance_.input("3.5_targets", options_.targets, hashes_.targets);
    provenance_.input("3.5_history", options_.history, hashes_.history);
    provenance_.input("3.5_persona_with_summary", options_.persona_with_summary, personas_.sha256());
    provenance_.settings(split_settings(options_.split));
    provenance_.settings(time_settings(options_.time));
  }

  // The next target of this shard.
  bool next(TargetStream& stream, Unit& unit) {
    for (TargetWork work; stream.next(work);) {
      if (!range_.holds(stream.taken() - 1)) continue;
      unit.target = std::move(work.target);
      if (auto row = personas_.find(unit.target.item_id)) unit.personas = std::move(row->personas);
      const auto reviews = judged_reviews(work.earlier, options_.newest);
      unit.has_history = !reviews.empty();
      if (unit.has_history && unit.personas.size() > 1) {
        unit.request = prompt_.request(unit.target, unit.personas, reviews);
      }
      return true;
    }
    return false;
  }

  void write_unit(const Unit& unit) {
    ++report_.targets;
    if (unit.personas.empty()) {
      ++report_.without_persona;
    } else if (!unit.has_history) {
      ++report_.without_history;
    } else if (!unit.request) {
      ++report_.single_persona;
      write_row(unit, unit.personas.front(), kOnlyPersona);
    } else if (const auto answer = answers_.next(*unit.request)) {
      const auto& id = answer->at("selected_persona_id").get_ref<const std::string&>();
      const auto chosen = std::ranges::find(unit.personas, id, [](const auto& entry) { return entry.persona.id; });
      write_row(unit, *chosen, answer->at("selection_reasoning").get<std::string>());
    }
  }

  void write_row(const Unit& unit, const PersonaEntry& chosen, std::string reasoning) {
    const SelectedPersonaRow row{.user_id = unit.target.user_id,
                                 .target_item_id = unit.target.item_id,
                                 .selected_persona_id = chosen.persona.id,
                                 .selected_persona_name = chosen.persona.name,
                                 .selected_persona = chosen,
                                 .selection_reasoning = std::move(reasoning),
                                 .split = unit.target.split};
    out_.write_row(to_json(row));
    ++report_.selected;
  }

  void count_all() {
    for (const auto& [name, value] :
         std::initializer_list<std::pair<const char*, std::uint64_t>>{{"targets", report_.targets},
                                                                      {"selected", report_.selected},
                                                                      {"single_persona", report_.single_persona},
                                                                      {"without_persona", report_.without_persona},
                                                                      {"without_history", report_.without_history},
                                                                      {"input_other_targets", report_.other_targets},
                                                                      {"input_bad_rows", report_.bad_rows}}) {
      provenance_.count(name, value);
    }
  }

  void finish() {
    provenance_.option("newest", options_.newest);
    provenance_.option("words", to_json(options_.words));
    provenance_.prompt("select", prompt_.fingerprint());
    count_all();
    answers_.describe(provenance_);
    provenance_.write(path_, "4_selected_personas", out_.commit(), report_.selected);
    report_.written = true;
    report_.answers = answers_.counts();
    answers_.finish();
  }

  const SelectOptions& options_;
  std::filesystem::path path_;
  OutputFile out_;
  Provenance provenance_;
  AnswerRows answers_;
  PersonaStore personas_;
  Vocabulary vocabulary_;
  SelectPrompt prompt_;
  ShardRange range_;
  TargetStream::Hashes hashes_;
  SelectReport report_;
};

}  // namespace

SelectReport select_personas(const SelectOptions& options, ChatClient& client) {
  return Selecting(options, client).run();
}

}  // namespace persona4rec
