export default '# Meaning';
