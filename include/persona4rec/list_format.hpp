// How a file of candidate lists, or of their ground truth, is written.
#pragma once

#include <cstdint>

namespace persona4rec {

enum class ListFormat : std::uint8_t {
  kAuto,   // found out from the first line or the first JSON object
  kJsonl,  // rows of JSON, one a line or all in one array: candidate.jsonl, reranked.jsonl, 3.5_gt.jsonl, or flat rows
           // {"user_id", "item_id", "score"}
  kTrec,   // a run, "user Q0 item rank score tag", or qrels, "user 0 item relevance"; white space between
  kCsv,    // flat rows of CSV or TSV: user, item and, where there is one, score; a header names the columns
  kJson,   // one JSON object: {user: {item: score}}, {user: [item, ..]}; or an array as of kJsonl
};

// How lists are written; all but JSON Lines lose what is no user, item or score of a candidate.
enum class ListOutput : std::uint8_t {
  kByName,  // by the file's name: .jsonl, .trec or .run, .csv, .tsv, each with .gz behind it or without
  kJsonl,
  kTrec,
  kCsv,
  kTsv,
};

}  // namespace persona4rec
