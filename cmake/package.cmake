# `cpack` in a build directory makes flowstate_VERSION_ARCH.deb: the program, the library and what a
# program of one's own needs to use it. Capturing needs a right that an installation does not give
# away; the program says how to get it.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME ${PROJECT_NAME})
set(CPACK_PACKAGE_CONTACT "The flowstate authors")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "TCP states of both ends of every connection in a capture")
set(CPACK_PACKAGE_DESCRIPTION
"Reads captured TCP traffic and says, for every connection, in which state of
RFC 9293 each of its two ends is, how it ended and who ended it, and which
segments no correct TCP could have sent. Checks captures in continuous
integration.")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
find_program(DPKG_SHLIBDEPS dpkg-shlibdeps)
if(DPKG_SHLIBDEPS)
  set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
  set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${PROJECT_BINARY_DIR}/src)
endif()
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright)
include(CPack)
