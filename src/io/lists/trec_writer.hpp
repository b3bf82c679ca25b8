// Lists and ground truth as TREC's text files: runs and qrels (io/lists/trec_reader.hpp reads them).
#pragma once

#include <string>
#include <string_view>

#include "persona4rec/ids.hpp"
#include "persona4rec/records.hpp"

namespace persona4rec {

// Appends a list as lines that every TREC tool orders as it stands: its own scores where they fall strictly, else
// n, n-1, .., 1. An item that stands twice would be refused there and is written as "<item>~2" (so is "[PAD]").
// Throws Error kInput for an id with white space.
void append_run(std::string& text, const CandidateRow& list, std::string_view tag);
void append_qrel(std::string& text, const UserId& user, const ItemId& item);

}  // namespace persona4rec
