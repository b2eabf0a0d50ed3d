"""The pages of the call for operators: the public's, the applicant's, the evaluators', the publication desk."""
