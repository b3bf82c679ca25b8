#include <algorithm>
#include <utility>

#include "io/output_file.hpp"
#include "io/provenance.hpp"
#include "persona4rec/select.hpp"
#include "select/judgement.hpp"
#include "select/persona_store.hpp"

namespace persona4rec {
namespace {

class Import {
 public:
  explicit Import(const ImportJudgementsOptions& options)
      : options_(options), out_(options.output), provenance_("select", options.force) {
    if (options.persona_with_summary.empty()) return;
    personas_.emplace(options.persona_with_summary, options.output, options.max_bad_rows);
    provenance_.input("3.5_persona_with_summary", options.persona_with_summary, personas_->sha256());
  }

  ImportJudgementsReport run() {
    JsonlReader reader(options_.judgements, {.max_bad_rows = options_.max_bad_rows});
    for (SelectedPersonaRow row; reader.next(row); row = {}) take(std::move(row));
    report_.bad_rows = reader.bad_rows();
    provenance_.input("judgements", options_.judgements, reader.sha256());
    finish();
    return report_;
  }

 private:
  void take(SelectedPersonaRow row) {
    const auto verdict = judged_persona(row.selection_reasoning, row.target_item_id);
    report_.without_verdict += verdict ? 0 : 1;
    if (verdict && *verdict != row.selected_persona_id && !relabel(row, *verdict)) {
      ++report_.unknown_persona;
      return;
    }
    ++report_.rows;
    out_.write_row(to_json(row));
  }

  // False when the item is known and has no such persona.
  bool relabel(SelectedPersonaRow& row, const std::string& id) {
    const bool known = personas_ && personas_->has(row.target_item_id);
    PersonaEntry entry{.persona = {.id = id}, .unique_persona_id = PersonaId(row.target_item_id.text() + "_" + id)};
    if (known) {
      bool found = false;
      personas_->for_each_persona(row.target_item_id, [&](const PersonaEntry& each, std::string_view /*json*/) {
        if (each.persona.id == id && !std::exchange(found, true)) entry = each;
      });
      if (!found) return false;
    }
    ++report_.changed;
    report_.without_persona += known ? 0 : 1;
    row.selected_persona_id = id;
    row.selected_persona_name = entry.persona.name;
    row.selected_persona = std::move(entry);
    return true;
  }

  void finish() {
    if (report_.rows == 0) {
      throw input_error({.file = options_.output.string()},
                        "would have no row and is left as it was: " + options_.judgements.string() +
                            " has no row that can be taken over");
    }
    for (const auto& [name, value] :
         std::initializer_list<std::pair<const char*, std::uint64_t>>{{"rows", report_.rows},
                                                                      {"changed", report_.changed},
                                                                      {"without_verdict", report_.without_verdict},
                                                                      {"without_persona", report_.without_persona},
                                                                      {"unknown_persona", report_.unknown_persona},
                                                                      {"bad_rows", report_.bad_rows}}) {
      provenance_.count(name, value);
    }
    provenance_.write(options_.output, "4_selected_personas", out_.commit(), report_.rows);
  }

  const ImportJudgementsOptions& options_;
  OutputFile out_;
  Provenance provenance_;
  std::optional<PersonaStore> personas_;
  ImportJudgementsReport report_;
};

}  // namespace

ImportJudgementsReport import_judgements(const ImportJudgementsOptions& options) {
  return Import(options).run();
}

}  // namespace persona4rec
