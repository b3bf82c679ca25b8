// Every row type <-> JSON. read_row<T>(view) throws Error kInput with the field; to_json(row) keeps the published field
// order. Times: numbers are read by `format` (data/README.md), strings by its strptime format or as digits.
#pragma once

#include "persona4rec/dataset.hpp"
#include "persona4rec/records.hpp"
#include "records/row_view.hpp"

namespace persona4rec {

// How artifact timestamps are read: strings "YYYY-MM-DD HH:MM:SS" need no setting, numbers are in `unit`.
struct ReadOptions {
  TimeFormat time;
  bool base_ranks = false;  // Candidate::base_rank and has_persona
  bool aspects = true;      // of reviews; false: they are checked and left out ({})
};

template <class Row>
[[nodiscard]] Row read_row(const RowView& view, const ReadOptions& options = {});

template <>
AspectRow read_row<AspectRow>(const RowView&, const ReadOptions&);
template <>
SummaryRow read_row<SummaryRow>(const RowView&, const ReadOptions&);
template <>
GroupedRow read_row<GroupedRow>(const RowView&, const ReadOptions&);
template <>
PersonaRow read_row<PersonaRow>(const RowView&, const ReadOptions&);
template <>
HistoryRow read_row<HistoryRow>(const RowView&, const ReadOptions&);
template <>
GroundTruthRow read_row<GroundTruthRow>(const RowView&, const ReadOptions&);
template <>
TargetRow read_row<TargetRow>(const RowView&, const ReadOptions&);
template <>
PersonaWithSummaryRow read_row<PersonaWithSummaryRow>(const RowView&, const ReadOptions&);
template <>
PersonaEntry read_row<PersonaEntry>(const RowView&, const ReadOptions&);
template <>
SelectedPersonaRow read_row<SelectedPersonaRow>(const RowView&, const ReadOptions&);
template <>
CandidateRow read_row<CandidateRow>(const RowView&, const ReadOptions&);
template <>
RerankedRow read_row<RerankedRow>(const RowView&, const ReadOptions&);

[[nodiscard]] Json to_json(const AspectRow& row);
[[nodiscard]] Json to_json(const SummaryRow& row);
[[nodiscard]] Json to_json(const PersonaRow& row);
[[nodiscard]] Json to_json(const HistoryRow& row);
[[nodiscard]] Json to_json(const GroundTruthRow& row);
[[nodiscard]] Json to_json(const TargetRow& row);
[[nodiscard]] Json to_json(const PersonaWithSummaryRow& row);
// As a selected row has it: without its support, since a persona of an item with many reviews is chosen for many
// targets and would carry its list of reviews into each of their rows.
[[nodiscard]] Json to_json(const PersonaEntry& entry);
[[nodiscard]] Json to_json(const SelectedPersonaRow& row);
[[nodiscard]] Json to_json(const CandidateRow& row);
[[nodiscard]] Json to_json(const RerankedRow& row);

template <class Tag>
[[nodiscard]] Json to_json(const Id<Tag>& id) {
  return id.is_integer() ? Json::parse(id.text()) : Json(id.text());
}
[[nodiscard]] Json to_json(const Timestamp& time);
[[nodiscard]] Json to_json(const Rating& rating);

// The way Python's str() writes them (inside the published review uid).
[[nodiscard]] std::string python_str(const Timestamp& time);
[[nodiscard]] std::string python_str(const Rating& rating);

}  // namespace persona4rec
