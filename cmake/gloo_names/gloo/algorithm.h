// Included by c10d/ProcessGroupGloo.hpp, which uses nothing of it. See ../README.md.
#pragma once
