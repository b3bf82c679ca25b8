# Read by cpack once a package format: a .deb goes to /usr; both .tar.gz unpack into one folder of the version.
if(CPACK_GENERATOR STREQUAL "DEB")
  set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
else()
  set(CPACK_PACKAGING_INSTALL_PREFIX /persona4rec-${CPACK_PACKAGE_VERSION})
endif()
