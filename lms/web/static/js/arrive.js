/* Sends the form that lets somebody of the host application in; without scripts, its button does. */
const form = document.querySelector("[data-lms-arrive]");
if (form) form.requestSubmit();
