#include "persona4rec/json.hpp"

P4R_JSON_TEMPLATES()
